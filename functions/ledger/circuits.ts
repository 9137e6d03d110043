/** The circuit breakers in the ledger: one item for each remediation, and one for each failure of the last two hours. */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type Circuit, countedSince } from '../domain/circuit.ts';
import { CIRCUITS } from '../domain/stops.ts';
import type { Circuits } from '../ports/circuits.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, type DynamoItem, HOUR_MS, itemKey, numberAttribute, numberFrom } from './ledger-items.ts';

/** All circuits share one partition, so that one query lists them. */
export const circuitKey = (remediation: string): DynamoItem => itemKey(CIRCUITS, remediation);

export const circuitIn = (item: DynamoItem | undefined): Circuit => ({
  openedAt: numberFrom(item?.openedAt),
  openUntil: numberFrom(item?.openUntil),
  trialBy: item?.trialBy?.S,
  trialUntil: numberFrom(item?.trialUntil),
  closedAt: numberFrom(item?.closedAt),
});

export function dynamoCircuits(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Circuits {
  const change = (remediation: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
    conditionHeld(client.send(new UpdateItemCommand({ TableName: table, Key: circuitKey(remediation), ...input })));

  return {
    async fail(remediation, failureKey, job, error) {
      const at = now();
      const Item = {
        ...itemKey(`circuit#${remediation}`, failureKey),
        at: numberAttribute(at),
        error: { S: error },
        execution: { S: job.execution },
        account: { S: job.finding.account ?? '' },
        expires: { N: String(Math.floor((at + 2 * HOUR_MS) / 1000)) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
      const circuit = await client.send(
        new GetItemCommand({ TableName: table, Key: circuitKey(remediation), ConsistentRead: true }),
      );
      const since = countedSince(circuitIn(circuit.Item), at);
      const { Count } = await client.send(new QueryCommand({ TableName: table, ...failuresSince(remediation, since) }));
      return Count ?? 0;
    },

    open: (remediation, execution, failures, until) =>
      change(remediation, {
        UpdateExpression: 'SET openedAt = :now, openUntil = :until, failures = :failures REMOVE trialBy, trialUntil',
        ConditionExpression: 'attribute_not_exists(openUntil) OR trialBy = :me',
        ExpressionAttributeValues: {
          ':now': numberAttribute(now()),
          ':until': numberAttribute(until),
          ':failures': numberAttribute(failures),
          ':me': { S: execution },
        },
      }),

    close: (remediation, execution) =>
      change(remediation, {
        UpdateExpression: 'SET closedAt = :now REMOVE openedAt, openUntil, failures, trialBy, trialUntil',
        ConditionExpression: 'trialBy = :me',
        ExpressionAttributeValues: { ':now': numberAttribute(now()), ':me': { S: execution } },
      }),

    releaseTrial: (remediation, execution) =>
      change(remediation, {
        UpdateExpression: 'REMOVE trialBy, trialUntil',
        ConditionExpression: 'trialBy = :me',
        ExpressionAttributeValues: { ':me': { S: execution } },
      }),
  };
}

/** Counts the failures of a remediation since `since`, milliseconds since 1970. */
const failuresSince = (remediation: string, since: number): Omit<QueryCommandInput, 'TableName'> => ({
  KeyConditionExpression: 'pk = :pk',
  FilterExpression: '#at >= :since',
  ExpressionAttributeNames: { '#at': 'at' },
  ExpressionAttributeValues: { ':pk': { S: `circuit#${remediation}` }, ':since': numberAttribute(since) },
  Select: 'COUNT',
  ConsistentRead: true,
});
