import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { HIDDEN } from '../domain/ledger.ts';
import type { HiddenFindings } from '../ports/hidden-findings.ts';
import { dynamoDb } from './dynamodb.ts';
import { expiryAttribute, itemKey } from './ledger-items.ts';

const Counts = z.record(z.string(), z.int());
const KEPT_DAYS = 30;

export const dynamoHiddenFindings = (
  table: string,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now,
): HiddenFindings => ({
  async put(day, counts) {
    const Item = {
      ...itemKey(HIDDEN, day),
      counts: { S: JSON.stringify(counts) },
      expires: expiryAttribute(now(), KEPT_DAYS),
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  },
  async get(day) {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: itemKey(HIDDEN, day) }));
    return Item?.counts?.S === undefined ? undefined : Counts.parse(JSON.parse(Item.counts.S));
  },
});
