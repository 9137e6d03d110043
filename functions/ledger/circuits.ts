/** The circuit breakers in the ledger: one item a remediation, and one for each failure of the last hours. */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type Circuit, countsSince } from '../domain/circuit.ts';
import type { Job } from '../domain/job.ts';
import { CIRCUITS } from '../domain/stops.ts';
import { dynamoDb } from './dynamodb.ts';
import { HOUR, held, type Item, key, number, numberIn } from './ledger-items.ts';

export type Circuits = {
  /** Keeps a failure under its name (see `failureKey`), once, and answers how many count now. */
  fail(remediation: string, name: string, job: Job, error: string): Promise<number>;
  /** Opens a closed circuit, or again the one whose try this execution has; false where neither is so. */
  open(remediation: string, execution: string, failures: number, until: number): Promise<boolean>;
  /** After a success of the try. */
  close(remediation: string, execution: string): Promise<boolean>;
  /** After a try that proved nothing: the next one may try. */
  giveBack(remediation: string, execution: string): Promise<boolean>;
};

/** All circuits are items of one partition, so that one query lists them. */
export const circuitKey = (remediation: string): Item => key(CIRCUITS, remediation);

export const circuitIn = (item: Item | undefined): Circuit => ({
  openedAt: numberIn(item?.openedAt),
  openUntil: numberIn(item?.openUntil),
  tryBy: item?.tryBy?.S,
  tryUntil: numberIn(item?.tryUntil),
  closedAt: numberIn(item?.closedAt),
});

export function dynamoCircuits(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Circuits {
  const change = (remediation: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
    held(client.send(new UpdateItemCommand({ TableName: table, Key: circuitKey(remediation), ...input })));

  return {
    async fail(remediation, name, job, error) {
      const at = now();
      const Item = {
        ...key(`circuit#${remediation}`, name),
        at: number(at),
        error: { S: error },
        execution: { S: job.execution },
        account: { S: job.finding.account ?? '' },
        expires: { N: String(Math.floor((at + 2 * HOUR) / 1000)) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
      const circuit = await client.send(
        new GetItemCommand({ TableName: table, Key: circuitKey(remediation), ConsistentRead: true }),
      );
      const { Count } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: '#at >= :since',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: {
            ':pk': { S: `circuit#${remediation}` },
            ':since': number(countsSince(circuitIn(circuit.Item), at)),
          },
          Select: 'COUNT',
          ConsistentRead: true,
        }),
      );
      return Count ?? 0;
    },

    open: (remediation, execution, failures, until) =>
      change(remediation, {
        UpdateExpression: 'SET openedAt = :now, openUntil = :until, failures = :failures REMOVE tryBy, tryUntil',
        ConditionExpression: 'attribute_not_exists(openUntil) OR tryBy = :me',
        ExpressionAttributeValues: {
          ':now': number(now()),
          ':until': number(until),
          ':failures': number(failures),
          ':me': { S: execution },
        },
      }),

    close: (remediation, execution) =>
      change(remediation, {
        UpdateExpression: 'SET closedAt = :now REMOVE openedAt, openUntil, failures, tryBy, tryUntil',
        ConditionExpression: 'tryBy = :me',
        ExpressionAttributeValues: { ':now': number(now()), ':me': { S: execution } },
      }),

    giveBack: (remediation, execution) =>
      change(remediation, {
        UpdateExpression: 'REMOVE tryBy, tryUntil',
        ConditionExpression: 'tryBy = :me',
        ExpressionAttributeValues: { ':me': { S: execution } },
      }),
  };
}
