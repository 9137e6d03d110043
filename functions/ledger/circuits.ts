/**
 * The circuit breakers in the ledger: one item for each remediation, and one for each failure of the last two hours.
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type Circuit, circuitName, countedSince } from '../domain/circuit.ts';
import { CIRCUITS } from '../domain/stops.ts';
import type { Circuits } from '../ports/circuits.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, type DynamoItem, HOUR_MS, itemKey, numberAttribute, numberFrom } from './ledger-items.ts';

/** All circuits share one partition, so that one query lists them. */
export const circuitKey = (circuit: string): DynamoItem => itemKey(CIRCUITS, circuit);

export const circuitIn = (item: DynamoItem | undefined): Circuit => ({
  openedAt: numberFrom(item?.openedAt),
  openUntil: numberFrom(item?.openUntil),
  trialBy: item?.trialBy?.S,
  trialUntil: numberFrom(item?.trialUntil),
  closedAt: numberFrom(item?.closedAt),
});

export function dynamoCircuits(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Circuits {
  const change = (circuit: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
    conditionHeld(client.send(new UpdateItemCommand({ TableName: table, Key: circuitKey(circuit), ...input })));

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
      return failureCounts(client, table, remediation, job.finding.account ?? '', at);
    },

    open: (circuit, execution, failures, until) =>
      change(circuit, {
        UpdateExpression: 'SET openedAt = :now, openUntil = :until, failures = :failures REMOVE trialBy, trialUntil',
        ConditionExpression: 'attribute_not_exists(openUntil) OR trialBy = :me',
        ExpressionAttributeValues: {
          ':now': numberAttribute(now()),
          ':until': numberAttribute(until),
          ':failures': numberAttribute(failures),
          ':me': { S: execution },
        },
      }),

    close: (circuit, execution) =>
      change(circuit, {
        UpdateExpression: 'SET closedAt = :now REMOVE openedAt, openUntil, failures, trialBy, trialUntil',
        ConditionExpression: 'trialBy = :me',
        ExpressionAttributeValues: { ':now': numberAttribute(now()), ':me': { S: execution } },
      }),

    releaseTrial: (circuit, execution) =>
      change(circuit, {
        UpdateExpression: 'REMOVE trialBy, trialUntil',
        ConditionExpression: 'trialBy = :me',
        ExpressionAttributeValues: { ':me': { S: execution } },
      }),
  };
}

/** Counts the failures that an account's circuit and the organization's count at this time. */
async function failureCounts(client: DynamoDBClient, table: string, remediation: string, account: string, at: number) {
  const since = async (circuit: string) => {
    const Key = circuitKey(circuit);
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return countedSince(circuitIn(Item), at);
  };
  const failures = await failuresOf(client, table, remediation);
  const inAccount = await since(circuitName(remediation, account));
  const inOrganization = await since(circuitName(remediation));
  const counted = failures.filter((failure) => failure.at >= inOrganization);
  const byAccount = Map.groupBy(counted, (failure) => failure.account);
  return {
    inAccount: failures.filter((failure) => failure.account === account && failure.at >= inAccount).length,
    byAccount: new Map([...byAccount].map(([name, { length }]) => [name, length])),
  };
}

/** Returns the recorded failures of a remediation, those of the last two hours. */
async function failuresOf(client: DynamoDBClient, table: string, remediation: string) {
  const failures: { readonly account: string; readonly at: number }[] = [];
  let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `circuit#${remediation}` } },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    failures.push(...Items.map((item) => ({ account: item.account?.S ?? '', at: numberFrom(item.at) ?? 0 })));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return failures;
}
