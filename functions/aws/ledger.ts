/**
 * The ledger: a record of every finding that reached triage, leases on resources, hourly counters and the kill switch, in
 * one table. Opening a case is one transaction over all of them, whose cancellation reasons tell which one said no.
 */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type CancellationReason,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Case, Work } from '../contract/case.ts';
import { AGAIN, isNamed, SutureError } from '../contract/errors.ts';
import { outcomeOf } from '../contract/outcome.ts';
import { hash } from '../contract/trace.ts';

/** Milliseconds after its end during which the same finding counts as a duplicate, and the longest that an attempt holds it. */
const HOUR = 3_600_000;
/** Milliseconds for which a lease is held at most: longer than the proxy runs. */
const LEASE = 7 * 60_000;
/** Executions that may fail on one finding before it takes a person. Independent of UpdatedAt, which a sender can vary. */
export const MOST_ATTEMPTS = 5;
/** Days for which the ledger remembers. */
const KEPT_DAYS = 365;

export type Opened = { readonly kind: 'opened' } | { readonly kind: 'duplicate'; readonly because: string };

export type Ledger = {
  /**
   * Takes finding, lease, counter and kill switch at once. Throws ResourceBusy, CapReached or Stopped; a duplicate is a value.
   * An execution that has opened the finding before is not counted again.
   */
  open(made: Case, work: Work, cap: number): Promise<Opened>;
  /** Gives the lease back, if it is still this execution's. */
  release(made: Case, work: Work): Promise<void>;
  /** Records how a remediation ended, and from when on the finding may be opened again. */
  close(made: Case): Promise<void>;
  /** Keeps what waits for a person's answer, with the token that answers. */
  askApproval(token: string, made: Case): Promise<void>;
  /** Records findings that end without a remediation; at most 25 a call, and whatever AWS gives back is tried again. */
  record(cases: readonly Case[]): Promise<void>;
};

type Item = Record<string, AttributeValue>;

export function dynamoLedger(table: string, client = new DynamoDBClient({ maxAttempts: 3 }), now = Date.now): Ledger {
  return {
    async open(made, work, cap) {
      const at = now();
      const take = (attempt: Attempt) =>
        transact(client, [
          { Update: { TableName: table, ...openFinding(made, at, attempt) } },
          { Put: { TableName: table, ...takeLease(made, work, at) } },
          { ConditionCheck: { TableName: table, ...notStopped } },
          ...(attempt === 'first' ? [{ Update: { TableName: table, ...count(made, work, at, cap) } }] : []),
        ]);
      const refused = await take('first');
      const reasons = refused && wasOpened(refused, made) ? await take('again') : refused;
      return reasons ? refusal(reasons, made, work, cap) : { kind: 'opened' };
    },

    async release(made, work) {
      try {
        await client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: key(`lease#${work.lease}`, 'lease'),
            ConditionExpression: 'attribute_not_exists(pk) OR execution = :me',
            ExpressionAttributeValues: { ':me': { S: made.execution } },
          }),
        );
      } catch (error) {
        if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
      }
    },

    async close(made) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(`finding#${made.finding.id}`, 'record'),
          UpdateExpression:
            'SET blockedUntil = :until, #case = :case, outcome = :outcome, expires = :expires REMOVE executions',
          ExpressionAttributeNames: { '#case': 'case' },
          ExpressionAttributeValues: {
            ':until': { N: String(now() + HOUR) },
            ':case': { S: JSON.stringify(made) },
            ':outcome': { S: outcomeOf(made) ?? made.route },
            ':expires': { N: expires(now()) },
          },
        }),
      );
      await write(client, table, [historyOf(made, now())]);
    },

    async askApproval(token, made) {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...key('approvals', approvalId(made.execution)),
            status: { S: 'waiting' },
            token: { S: token },
            case: { S: JSON.stringify(made) },
            askedAt: { S: new Date(now()).toISOString() },
            expires: { N: expires(now()) },
          },
        }),
      );
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

/** By which people name an approval: the same digits as in the execution's source identity. */
export const approvalId = (execution: string): string => hash(execution);

/** The first that opens the finding is counted; a retry or redrive of it is not. */
type Attempt = 'first' | 'again';

/** Writes all or nothing; why not, in the items' order, where one of them refuses. */
async function transact(
  client: DynamoDBClient,
  TransactItems: TransactWriteItem[],
): Promise<readonly CancellationReason[] | undefined> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    return undefined;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return error.CancellationReasons ?? [];
    throw error;
  }
}

const wasOpened = ([finding]: readonly CancellationReason[], { execution }: Case): boolean =>
  finding?.Item?.executions?.SS?.includes(execution) ?? false;

const key = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
const expires = (now: number) => String(Math.floor(now / 1000) + KEPT_DAYS * 86_400);

/** Refused while another execution has the finding, within an hour after, or after too many that failed. */
const openFinding = (made: Case, at: number, attempt: Attempt) => ({
  Key: key(`finding#${made.finding.id}`, 'record'),
  UpdateExpression:
    'SET execution = :me, blockedUntil = :until, #case = :case, expires = :expires ADD executions :mine',
  ConditionExpression:
    '(attribute_not_exists(pk) OR execution = :me OR blockedUntil < :now) AND ' +
    (attempt === 'first'
      ? '(attribute_not_exists(executions) OR (size(executions) < :most AND NOT contains(executions, :me)))'
      : 'contains(executions, :me)'),
  ExpressionAttributeNames: { '#case': 'case' },
  ExpressionAttributeValues: {
    ':me': { S: made.execution },
    ':mine': { SS: [made.execution] },
    ':until': { N: String(at + HOUR) },
    ':now': { N: String(at) },
    ...(attempt === 'first' && { ':most': { N: String(MOST_ATTEMPTS) } }),
    ':case': { S: JSON.stringify(made) },
    ':expires': { N: expires(at) },
  },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

/** A lease that has run out, or is one's own from before a crash, may be taken. */
const takeLease = (made: Case, { lease }: Work, at: number) => ({
  Item: {
    ...key(`lease#${lease}`, 'lease'),
    execution: { S: made.execution },
    until: { N: String(at + LEASE) },
    expires: { N: String(Math.floor((at + HOUR) / 1000)) },
  },
  ConditionExpression: 'attribute_not_exists(pk) OR execution = :me OR #until < :now',
  ExpressionAttributeNames: { '#until': 'until' },
  ExpressionAttributeValues: { ':me': { S: made.execution }, ':now': { N: String(at) } },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

/** Executions of a remediation that started in an account and hour. */
const count = ({ finding }: Case, { remediation }: Work, at: number, cap: number) => ({
  Key: key(`counter#${remediation}#${finding.account}#${new Date(at).toISOString().slice(0, 13)}`, 'counter'),
  UpdateExpression: 'SET expires = :expires ADD started :one',
  ConditionExpression: 'attribute_not_exists(started) OR started < :cap',
  ExpressionAttributeValues: {
    ':one': { N: '1' },
    ':cap': { N: String(cap) },
    ':expires': { N: String(Math.floor((at + 2 * HOUR) / 1000)) },
  },
});

const notStopped = {
  Key: key('stop', 'all'),
  ConditionExpression: 'attribute_not_exists(pk)',
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
};

/** Reasons come in the order of the transaction's items: finding, lease, kill switch, counter. */
function refusal(reasons: readonly CancellationReason[], made: Case, work: Work, cap: number): Opened {
  const [finding, lease, stop, counter] = reasons.map(({ Code }) => Code === 'ConditionalCheckFailed');
  if (stop)
    throw new SutureError(
      'Stopped',
      `Suture is stopped: ${reasons[2]?.Item?.reason?.S ?? 'no reason was given'}. Resume it, then redrive the execution.`,
    );
  if (finding) return duplicate(reasons[0]?.Item ?? {}, made);
  if (lease)
    throw new SutureError(
      'ResourceBusy',
      `${work.lease} is being changed by ${reasons[1]?.Item?.execution?.S}. ${AGAIN}`,
    );
  if (counter)
    throw new SutureError(
      'CapReached',
      `${work.remediation} has started ${cap} times this hour in account ${made.finding.account}, as often as policy lets it. Redrive the execution in the next hour, or raise the cap first.`,
    );
  const codes = reasons.map(({ Code, Message }) => `${Code}: ${Message ?? ''}`).join('; ');
  if (reasons.some(({ Code }) => Code === 'TransactionConflict'))
    throw new SutureError('ResourceBusy', `The ledger was written to at the same moment: ${codes}. ${AGAIN}`);
  throw new SutureError('Throttled', `The ledger refused the transaction: ${codes}. ${AGAIN}`);
}

function duplicate(item: Item, made: Case): Opened {
  const attempts = item.executions?.SS ?? [];
  if (attempts.length >= MOST_ATTEMPTS && !attempts.includes(made.execution))
    return {
      kind: 'duplicate',
      because: `${MOST_ATTEMPTS} executions failed on this finding; a person must look, then redrive one of them`,
    };
  return {
    kind: 'duplicate',
    because: `${item.execution?.S ?? 'another execution'} deals with this finding or did within the hour`,
  };
}

/** One line of the finding's history. */
const historyOf = (made: Case, at: number): WriteRequest => ({
  PutRequest: {
    Item: {
      ...key(`finding#${made.finding.id}`, `history#${made.started}#${made.execution}`),
      outcome: { S: outcomeOf(made) ?? made.route },
      case: { S: JSON.stringify(made) },
      expires: { N: expires(at) },
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
