/** Requests of people about address ranges, with proposed documents and results, which are compressed. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { IP_RANGES_REQUESTS } from '../domain/api-ip-ranges.ts';
import { KEPT_DAYS_UNHANDLED } from '../domain/ledger.ts';
import type { IpRangesRequest, IpRangesRequests } from '../ports/ip-ranges-requests.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, type DynamoItem, expiryAttribute, itemKey } from './ledger-items.ts';

/** DynamoDB takes items of 400 KB; the whole published document has 130 KB, compressed. */
const MAX_DOCUMENT_BYTES = 380_000;

export function dynamoIpRangesRequests(
  TableName: string,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now,
): IpRangesRequests {
  const keyOf = (id: string): DynamoItem => itemKey(IP_RANGES_REQUESTS, id);
  return {
    async add({ id, document, result: _, ...request }) {
      const compressed = document === undefined ? undefined : packed(document);
      if (compressed && compressed.B.length > MAX_DOCUMENT_BYTES) return false;
      const Item = {
        ...keyOf(id),
        request: { S: JSON.stringify(request) },
        expires: expiryAttribute(now(), KEPT_DAYS_UNHANDLED),
        ...(compressed && { document: compressed }),
      };
      await client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
      return true;
    },
    async find(id) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }));
      if (!Item) return undefined;
      const { request, document, result } = Item;
      return {
        id,
        ...JSON.parse(request!.S!),
        ...(document && { document: unpacked(document) }),
        ...(result && { result: unpacked(result) }),
      } as IpRangesRequest;
    },
    async finish(id, result) {
      await conditionHeld(
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(id),
            UpdateExpression: 'SET #result = :result',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#result)',
            ExpressionAttributeNames: { '#result': 'result' },
            ExpressionAttributeValues: { ':result': packed(result) },
          }),
        ),
      );
    },
  };
}

const packed = (value: unknown) => ({ B: new Uint8Array(gzipSync(JSON.stringify(value))) });
const unpacked = ({ B }: DynamoItem[string]): unknown => JSON.parse(gunzipSync(B!).toString());
