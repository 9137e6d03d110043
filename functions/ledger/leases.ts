/**
 * Leases of attempts in the ledger. The transaction checks the kill switch again, in one of its copies: transactions
 * that all check the same item conflict with each other.
 */
import {
  type CancellationReason,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { retryAdvice, SutureError } from '../contract/errors.ts';
import { type Circuit, circuitName } from '../domain/circuit.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { FindingStatus, findingKey, ledgerStatus, RECORD } from '../domain/ledger.ts';
import { ResourceOwner } from '../domain/resource-owner.ts';
import { CAPS, COUNTER_SHARDS, capOf, hourOf, KILL_SWITCH, KILL_SWITCH_COPIES } from '../domain/stops.ts';
import { shardOf } from '../domain/trace.ts';
import type { FindingRecord, KillSwitch, Leases } from '../ports/leases.ts';
import { circuitIn, circuitKey } from './circuits.ts';
import { dynamoDb } from './dynamodb.ts';
import { absentAttributes, NOT_NEWER_FORMAT, statusAttributes } from './finding-records.ts';
import {
  batchGet,
  conditionHeld,
  type DynamoItem,
  expiryAttribute,
  HOUR_MS,
  itemKey,
  itemName,
  numberAttribute,
  numberFrom,
  transactWrite,
  updateExpression,
} from './ledger-items.ts';

const MINUTE_MS = 60_000;
const MAX_ATTEMPT_MS = 6 * MINUTE_MS;
/** AWS refuses signatures beyond this clock skew. */
const MAX_SKEW_MS = 5 * MINUTE_MS;
/**
 * Maximum duration of a lease, and of the trial of a half-open circuit. The next holder uses another clock: even with
 * one clock ahead and the other behind, the two do not overlap.
 */
export const LEASE_MS = MAX_ATTEMPT_MS + 2 * MAX_SKEW_MS;

export function dynamoLeases(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Leases {
  return {
    async readFacts(job, work) {
      const at = now();
      const counters = { account: accountCounter(job, work, at), shards: shardKeys(work, at) };
      const wanted = [STOP, recordKey(job)];
      const circuits = circuitKeys(job, work);
      if (work.mode === 'apply')
        wanted.push(circuits.account, circuits.organization, counters.account, ...counters.shards);
      const items = await batchGet(client, table, wanted);
      const get = (key: DynamoItem) => items.get(itemName(key));
      const counted = (name: DynamoItem) => numberFrom(get(name)?.started) ?? 0;
      return {
        stop: killSwitchIn(get(STOP)),
        circuits: {
          account: circuitIn(get(circuits.account)),
          organization: circuitIn(get(circuits.organization)),
        },
        record: recordIn(get(recordKey(job))),
        inAccount: counted(counters.account),
        inOrganization: counters.shards.map(counted),
      };
    },

    async take(job, work, facts, claims) {
      const parts = transactionParts(table, [job, work, facts, claims], now());
      const reasons = await transactWrite(client, Object.values(parts));
      if (!reasons) return true;
      const codes = Object.keys(parts).map((part, n) => [part, reasons[n]?.Code] as const);
      const refusing = codes.filter(([, code]) => code === 'ConditionalCheckFailed').map(([part]) => part);
      if (refusing.length === 1 && refusing[0] === 'lease')
        throw busyError(work, reasons[Object.keys(parts).indexOf('lease')]);
      if (refusing.length > 0 || codes.some(([, code]) => code === 'TransactionConflict')) return false;
      throw throttledError(reasons);
    },

    async release(job, work) {
      await conditionHeld(client.send(new DeleteItemCommand({ TableName: table, ...ownLease(job, work) })));
    },

    async uncount(job, work, { shard }, at) {
      const counters = [accountCounter(job, work, at), shardKeys(work, at)[shard]!];
      const parts = [notCounted(job), ...counters.map(countBack)];
      // Cancellations do not matter: the hour or the finding may be over, and after a conflict the count is too high
      // for an hour at most.
      await transactWrite(
        client,
        parts.map((part) => ({ Update: { TableName: table, ...part } })),
      );
    },

    async recordCap(remediation, cap, account) {
      const key = itemKey(CAPS, capOf(hourOf(now()), remediation, account));
      const expires = { N: String(Math.floor((now() + 2 * HOUR_MS) / 1000)) };
      await client.send(new PutItemCommand({ TableName: table, Item: { ...key, cap: numberAttribute(cap), expires } }));
    },
  };
}

/** Returns the writes of the transaction that takes the lease, by what each is about. */
function transactionParts(
  table: string,
  [job, work, facts, claims]: Parameters<Leases['take']>,
  at: number,
): Record<string, TransactWriteItem> {
  const update = (input: ReturnType<typeof count | typeof takeTrial>) => ({ Update: { TableName: table, ...input } });
  const trials = claims.trials.map((scope) => {
    const trial = takeTrial(job, circuitKeys(job, work)[scope], facts.circuits[scope], at);
    return [`circuit of ${scope}`, update(trial)] as const;
  });
  return {
    stop: { ConditionCheck: { TableName: table, ...notStopped(job) } },
    // A look takes the resource alone: the finding stays with its owner, and with the execution that waits.
    ...(!work.lookOnly && {
      finding: { Update: { TableName: table, ...beginOnFinding(job, work, facts.record, at) } },
    }),
    lease: { Put: { TableName: table, ...takeLease(job, work, at) } },
    ...(claims.count && {
      account: update(count(accountCounter(job, work, at), claims.count.cap, at)),
      shard: update(count(shardKeys(work, at)[claims.count.shard]!, claims.count.share, at)),
    }),
    ...Object.fromEntries(trials),
  };
}

const ownLease = (job: Job, work: JobWork) => ({
  Key: itemKey(`lease#${work.lease}`, 'lease'),
  ConditionExpression: 'attribute_not_exists(pk) OR execution = :me',
  ExpressionAttributeValues: { ':me': { S: job.execution } },
});

const busyError = (work: JobWork, reason: CancellationReason | undefined): SutureError =>
  new SutureError(
    'ResourceBusy',
    `${work.lease} is being changed by ${reason?.Item?.execution?.S}. ${retryAdvice('ResourceBusy')}`,
  );

function throttledError(reasons: readonly CancellationReason[]): SutureError {
  const all = reasons.map(({ Code, Message }) => `${Code}: ${Message ?? ''}`).join('; ');
  return new SutureError('Throttled', `The ledger refused the transaction: ${all}. ${retryAdvice('Throttled')}`);
}

const STOP = itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk);

/** Checks the copy of the kill switch that belongs to this execution. */
const notStopped = ({ execution }: Job) => {
  const { pk, sk } = KILL_SWITCH_COPIES[shardOf(execution, KILL_SWITCH_COPIES.length)]!;
  return { Key: itemKey(pk, sk), ConditionExpression: 'attribute_not_exists(pk)' };
};

const killSwitchIn = (item: DynamoItem | undefined): KillSwitch | undefined =>
  item && { reason: item.reason?.S, by: item.by?.S, at: item.at?.S };

const recordKey = ({ finding }: Job) => itemKey(findingKey(finding.id), RECORD);

const recordIn = (item: DynamoItem | undefined): FindingRecord | undefined =>
  item && {
    execution: item.execution?.S,
    blockedUntil: numberFrom(item.blockedUntil),
    countedBy: item.countedBy?.S,
    countedUntil: numberFrom(item.countedUntil),
    executions: item.executions?.SS ?? [],
    status: FindingStatus.safeParse(item.ofStatus?.S).data,
    reason: item.reason?.S,
    waitsUntil: numberFrom(item.waitsUntil),
    fixedAt: item.fixedAt?.S,
    owner: ownerIn(item.job?.S),
  };

/** Parses nothing else of the job: a later release may have written it. */
function ownerIn(job: string | undefined): ResourceOwner | undefined {
  if (job === undefined) return undefined;
  return ResourceOwner.safeParse((JSON.parse(job) as { readonly owner?: unknown }).owner).data;
}

const circuitKeys = ({ finding }: Job, { remediation }: JobWork) => ({
  account: circuitKey(circuitName(remediation, finding.account)),
  organization: circuitKey(circuitName(remediation)),
});

const accountCounter = ({ finding }: Job, { remediation }: JobWork, at: number) =>
  itemKey(`counter#${remediation}#${finding.account}#${hourOf(at)}`, 'counter');

const shardKeys = ({ remediation }: JobWork, at: number) =>
  Array.from({ length: COUNTER_SHARDS }, (_, shard) =>
    itemKey(`counter#${remediation}#*#${hourOf(at)}#${shard}`, 'counter'),
  );

/**
 * Returns the update of the finding's record, on condition that nobody changed it since it was read and no later
 * release wrote it. A rollback keeps the status until it has ended.
 */
function beginOnFinding(job: Job, { mode }: JobWork, record: FindingRecord | undefined, at: number) {
  if (mode === 'rollback') {
    const taken = updateExpression(
      { execution: { S: job.execution }, blockedUntil: numberAttribute(at + LEASE_MS) },
      [],
    );
    return { Key: recordKey(job), UpdateExpression: taken.expression, ...ifUnchanged(record, taken) };
  }
  const status = ledgerStatus(job, 'OPEN', new Date(at).toISOString());
  const attributes = {
    ...statusAttributes(status),
    execution: { S: job.execution },
    blockedUntil: numberAttribute(at + HOUR_MS),
    job: { S: JSON.stringify(job) },
    expires: expiryAttribute(at),
    ...(mode === 'apply' && { countedBy: { S: job.execution }, countedUntil: numberAttribute(at + HOUR_MS) }),
  };
  const update = updateExpression(attributes, absentAttributes(status));
  return {
    Key: recordKey(job),
    UpdateExpression: `${update.expression} ADD executions :mine`,
    ...ifUnchanged(record, { names: update.names, values: { ...update.values, ':mine': { SS: [job.execution] } } }),
  };
}

const ifUnchanged = (
  record: FindingRecord | undefined,
  { names, values }: { readonly names: Record<string, string>; readonly values: DynamoItem },
) => ({
  ConditionExpression: [
    unchanged('execution', record?.execution),
    unchanged('blockedUntil', record?.blockedUntil),
    `(${NOT_NEWER_FORMAT.expression})`,
  ].join(' AND '),
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: {
    ...values,
    ...NOT_NEWER_FORMAT.values,
    ...(record?.execution !== undefined && { ':seen_execution': { S: record.execution } }),
    ...(record?.blockedUntil !== undefined && { ':seen_blockedUntil': numberAttribute(record.blockedUntil) }),
  },
});

const unchanged = (attribute: string, value: unknown) =>
  value === undefined ? `attribute_not_exists(${attribute})` : `${attribute} = :seen_${attribute}`;

/** Takes a lease that is free, expired, or held by this execution since before a crash. */
const takeLease = (job: Job, { lease }: JobWork, at: number) => ({
  Item: {
    ...itemKey(`lease#${lease}`, 'lease'),
    execution: { S: job.execution },
    until: numberAttribute(at + LEASE_MS),
    expires: { N: String(Math.floor((at + HOUR_MS) / 1000)) },
  },
  ConditionExpression: 'attribute_not_exists(pk) OR execution = :me OR #until < :now',
  ExpressionAttributeNames: { '#until': 'until' },
  ExpressionAttributeValues: { ':me': { S: job.execution }, ':now': numberAttribute(at) },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

const count = (Key: DynamoItem, cap: number, at: number) => ({
  Key,
  UpdateExpression: 'SET expires = :expires ADD started :one',
  ConditionExpression: 'attribute_not_exists(started) OR started < :cap',
  ExpressionAttributeValues: {
    ':one': numberAttribute(1),
    ':cap': numberAttribute(cap),
    ':expires': { N: String(Math.floor((at + 2 * HOUR_MS) / 1000)) },
  },
});

/** The next attempt of the execution is counted again. */
const notCounted = (job: Job) => ({
  Key: recordKey(job),
  UpdateExpression: 'REMOVE countedBy, countedUntil',
  ConditionExpression: 'countedBy = :me',
  ExpressionAttributeValues: { ':me': { S: job.execution } },
});

const countBack = (Key: DynamoItem) => ({
  Key,
  UpdateExpression: 'ADD started :less',
  ConditionExpression: 'started > :none',
  ExpressionAttributeValues: { ':less': numberAttribute(-1), ':none': numberAttribute(0) },
});

/** Exactly one execution gets the trial of each opening. */
const takeTrial = (job: Job, Key: DynamoItem, { openUntil }: Circuit, at: number) => ({
  Key,
  UpdateExpression: 'SET trialBy = :me, trialUntil = :until',
  ConditionExpression:
    'openUntil = :openUntil AND (attribute_not_exists(trialBy) OR trialBy = :me OR trialUntil < :now)',
  ExpressionAttributeValues: {
    ':me': { S: job.execution },
    ':until': numberAttribute(at + LEASE_MS),
    ':openUntil': numberAttribute(openUntil ?? 0),
    ':now': numberAttribute(at),
  },
});
