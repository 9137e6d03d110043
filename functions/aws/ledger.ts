/** The ledger: a record of every finding that reached triage. */
import { BatchWriteItemCommand, DynamoDBClient, UpdateItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import type { Case } from '../contract/case.ts';
import { SutureError } from '../contract/errors.ts';
import { outcomeOf } from '../contract/outcome.ts';
import { expires, HOUR, key, number } from './ledger-items.ts';

export type Ledger = {
  /** Records how a remediation ended, and from when on the finding may be opened again. */
  close(made: Case): Promise<void>;
  /** Records findings that end without a remediation; at most 25 a call, and whatever AWS gives back is tried again. */
  record(cases: readonly Case[]): Promise<void>;
};

export function dynamoLedger(table: string, client = new DynamoDBClient({ maxAttempts: 3 }), now = Date.now): Ledger {
  return {
    async close(made) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(`finding#${made.finding.id}`, 'record'),
          UpdateExpression:
            'SET blockedUntil = :until, #case = :case, outcome = :outcome, expires = :expires REMOVE executions, countedBy, countedUntil',
          ExpressionAttributeNames: { '#case': 'case' },
          ExpressionAttributeValues: {
            ':until': number(now() + HOUR),
            ':case': { S: JSON.stringify(made) },
            ':outcome': { S: outcomeOf(made) ?? made.route },
            ':expires': expires(now()),
          },
        }),
      );
      await write(client, table, [historyOf(made, now())]);
    },

    async record(cases) {
      for (let first = 0; first < cases.length; first += 25)
        await write(
          client,
          table,
          cases.slice(first, first + 25).map((made) => historyOf(made, now())),
        );
    },
  };
}

/** One line of the finding's history. */
const historyOf = (made: Case, at: number): WriteRequest => ({
  PutRequest: {
    Item: {
      ...key(`finding#${made.finding.id}`, `history#${made.started}#${made.execution}`),
      outcome: { S: outcomeOf(made) ?? made.route },
      case: { S: JSON.stringify(made) },
      expires: expires(at),
    },
  },
});

async function write(client: DynamoDBClient, table: string, requests: readonly WriteRequest[]): Promise<void> {
  let left = [
    ...new Map(
      requests.map((request) => [
        JSON.stringify([request.PutRequest!.Item!.pk, request.PutRequest!.Item!.sk]),
        request,
      ]),
    ).values(),
  ];
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === 5) throw new SutureError('Throttled', `The ledger gave ${left.length} records back five times.`);
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
    left = UnprocessedItems?.[table] ?? [];
  }
}
