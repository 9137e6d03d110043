/**
 * What the proxy reads before an attempt and takes for it. The transaction checks the kill switch once more, in a copy:
 * one item that every attempt checked in its transaction would make them refuse each other.
 */
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { AGAIN, SutureError } from '../contract/errors.ts';
import type { Circuit } from '../domain/circuit.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { FindingStatus, findingKey, ledgerStatus, RECORD } from '../domain/ledger.ts';
import { CAPS, capOf, hourOf, KILL_SWITCH, KILL_SWITCH_COPIES } from '../domain/stops.ts';
import { shareOf } from '../domain/trace.ts';
import { circuitIn, circuitKey } from './circuits.ts';
import { dynamoDb } from './dynamodb.ts';
import { absentIn, attributesOf, updating } from './ledger.ts';
import { expires, HOUR, held, type Item, key, nameOf, number, numberIn, read, transact } from './ledger-items.ts';

const MINUTE = 60_000;
/** The proxy's time-out, so the longest that an attempt takes. */
const LONGEST_ATTEMPT = 6 * MINUTE;
/** How far the clock of a function may be off AWS's: a signature that is further off is refused. */
const MOST_SKEW = 5 * MINUTE;
/**
 * Milliseconds for which a lease, or a try of a half-open circuit, is held at most. Who takes it over goes by another clock
 * than who holds it: one as far ahead, the other behind, they still do not work at once.
 */
export const LEASE = LONGEST_ATTEMPT + 2 * MOST_SKEW;
/**
 * Counters into which the organization's changes of one remediation and hour are split. Six transactions are under way
 * at once when 300 start a second and each takes 20 ms; on one counter all but one of them would be refused.
 */
export const SHARDS = 10;

/** The ledger's record of a finding, as far as it decides. Times in milliseconds since 1970. */
export type FindingRecord = {
  /** Who opened it last. */
  readonly execution?: string;
  readonly blockedUntil?: number;
  /** The execution whose change was counted last, and until when its retries are not counted again. */
  readonly countedBy?: string;
  readonly countedUntil?: number;
  /** Executions that opened it since it was last closed. */
  readonly executions: readonly string[];
  readonly status?: FindingStatus;
  /** Why it stands so, in a line. */
  readonly reason?: string;
};

export type KillSwitch = { readonly reason?: string; readonly by?: string; readonly at?: string };

export type Seen = {
  readonly stop?: KillSwitch;
  readonly circuit: Circuit;
  readonly record?: FindingRecord;
  /** Changes of this remediation in this hour: in the account, and in the organization by counter. */
  readonly inAccount: number;
  readonly inOrganization: readonly number[];
};

/** What an attempt takes besides its finding and its lease. */
export type Takes = {
  /** The account's cap, and the share of the organization's cap that the chosen counter has. */
  readonly count?: { readonly cap: number; readonly shard: number; readonly share: number };
  /** The one try of a half-open circuit. */
  readonly tries: boolean;
};

export type Leases = {
  look(job: Job, work: JobWork): Promise<Seen>;
  /** False: something has changed since the look. Throws ResourceBusy where another execution holds the resource. */
  take(job: Job, work: JobWork, seen: Seen, takes: Takes): Promise<boolean>;
  /** Gives the lease back, if it is still this execution's. */
  release(job: Job, work: JobWork): Promise<void>;
  /** Keeps for those who ask that a cap was reached; without an account, the organization's. */
  noteCap(remediation: string, cap: number, account?: string): Promise<void>;
};

export function dynamoLeases(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Leases {
  return {
    async look(job, work) {
      const at = now();
      const counters = { account: accountCounter(job, work, at), shards: shardKeys(work, at) };
      const wanted = [STOP, recordKey(job)];
      if (work.mode === 'apply') wanted.push(circuitKey(work.remediation), counters.account, ...counters.shards);
      const found = await read(client, table, wanted);
      const get = (name: Item) => found.get(nameOf(name));
      const counted = (name: Item) => numberIn(get(name)?.started) ?? 0;
      return {
        stop: killSwitchIn(get(STOP)),
        circuit: circuitIn(get(circuitKey(work.remediation))),
        record: recordIn(get(recordKey(job))),
        inAccount: counted(counters.account),
        inOrganization: counters.shards.map(counted),
      };
    },

    async take(made, work, seen, takes) {
      const at = now();
      const parts: Record<string, TransactWriteItem> = {
        stop: { ConditionCheck: { TableName: table, ...notStopped(made) } },
        finding: { Update: { TableName: table, ...openFinding(made, work, seen.record, at) } },
        lease: { Put: { TableName: table, ...takeLease(made, work, at) } },
        ...(takes.count && {
          account: { Update: { TableName: table, ...count(accountCounter(made, work, at), takes.count.cap, at) } },
          shard: {
            Update: { TableName: table, ...count(shardKeys(work, at)[takes.count.shard]!, takes.count.share, at) },
          },
        }),
        ...(takes.tries && { circuit: { Update: { TableName: table, ...takeTry(made, work, seen.circuit, at) } } }),
      };
      const reasons = await transact(client, Object.values(parts));
      if (!reasons) return true;
      const codes = Object.keys(parts).map((part, n) => [part, reasons[n]?.Code] as const);
      const refusing = codes.filter(([, code]) => code === 'ConditionalCheckFailed').map(([part]) => part);
      if (refusing.length === 1 && refusing[0] === 'lease') {
        const holder = reasons[Object.keys(parts).indexOf('lease')]?.Item?.execution?.S;
        throw new SutureError('ResourceBusy', `${work.lease} is being changed by ${holder}. ${AGAIN}`);
      }
      if (refusing.length > 0 || codes.some(([, code]) => code === 'TransactionConflict')) return false;
      const all = reasons.map(({ Code, Message }) => `${Code}: ${Message ?? ''}`).join('; ');
      throw new SutureError('Throttled', `The ledger refused the transaction: ${all}. ${AGAIN}`);
    },

    async release(made, work) {
      await held(
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: key(`lease#${work.lease}`, 'lease'),
            ConditionExpression: 'attribute_not_exists(pk) OR execution = :me',
            ExpressionAttributeValues: { ':me': { S: made.execution } },
          }),
        ),
      );
    },

    async noteCap(remediation, cap, account) {
      const Item = {
        ...key(CAPS, capOf(hourOf(now()), remediation, account)),
        cap: number(cap),
        expires: { N: String(Math.floor((now() + 2 * HOUR) / 1000)) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
  };
}

const STOP = key(KILL_SWITCH.pk, KILL_SWITCH.sk);

/** The execution's own copy of the kill switch is not there. */
const notStopped = ({ execution }: Job) => {
  const { pk, sk } = KILL_SWITCH_COPIES[shareOf(execution, KILL_SWITCH_COPIES.length)]!;
  return { Key: key(pk, sk), ConditionExpression: 'attribute_not_exists(pk)' };
};

const killSwitchIn = (item: Item | undefined): KillSwitch | undefined =>
  item && { reason: item.reason?.S, by: item.by?.S, at: item.at?.S };

const recordKey = ({ finding }: Job) => key(findingKey(finding.id), RECORD);

const recordIn = (item: Item | undefined): FindingRecord | undefined =>
  item && {
    execution: item.execution?.S,
    blockedUntil: numberIn(item.blockedUntil),
    countedBy: item.countedBy?.S,
    countedUntil: numberIn(item.countedUntil),
    executions: item.executions?.SS ?? [],
    status: FindingStatus.safeParse(item.ofStatus?.S).data,
    reason: item.reason?.S,
  };

const accountCounter = ({ finding }: Job, { remediation }: JobWork, at: number) =>
  key(`counter#${remediation}#${finding.account}#${hourOf(at)}`, 'counter');

const shardKeys = ({ remediation }: JobWork, at: number) =>
  Array.from({ length: SHARDS }, (_, shard) => key(`counter#${remediation}#*#${hourOf(at)}#${shard}`, 'counter'));

/** Holds only while the record is as it was seen. A rollback leaves the finding where it stands until it is done. */
function openFinding(made: Job, { mode }: JobWork, seen: FindingRecord | undefined, at: number) {
  if (mode === 'rollback') {
    const taken = updating({ execution: { S: made.execution }, blockedUntil: number(at + LEASE) }, []);
    return { Key: recordKey(made), UpdateExpression: taken.expression, ...asSeen(seen, taken) };
  }
  const standing = ledgerStatus(made, 'OPEN', new Date(at).toISOString());
  const attributes = {
    ...attributesOf(standing),
    execution: { S: made.execution },
    blockedUntil: number(at + HOUR),
    job: { S: JSON.stringify(made) },
    expires: expires(at),
    ...(mode === 'apply' && { countedBy: { S: made.execution }, countedUntil: number(at + HOUR) }),
  };
  const update = updating(attributes, absentIn(standing));
  return {
    Key: recordKey(made),
    UpdateExpression: `${update.expression} ADD executions :mine`,
    ...asSeen(seen, { names: update.names, values: { ...update.values, ':mine': { SS: [made.execution] } } }),
  };
}

const asSeen = (
  seen: FindingRecord | undefined,
  { names, values }: { readonly names: Record<string, string>; readonly values: Item },
) => ({
  ConditionExpression: `${unchanged('execution', seen?.execution)} AND ${unchanged('blockedUntil', seen?.blockedUntil)}`,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: {
    ...values,
    ...(seen?.execution !== undefined && { ':seen_execution': { S: seen.execution } }),
    ...(seen?.blockedUntil !== undefined && { ':seen_blockedUntil': number(seen.blockedUntil) }),
  },
});

const unchanged = (attribute: string, seen: unknown) =>
  seen === undefined ? `attribute_not_exists(${attribute})` : `${attribute} = :seen_${attribute}`;

/** A lease that has run out, or is one's own from before a crash, may be taken. */
const takeLease = (made: Job, { lease }: JobWork, at: number) => ({
  Item: {
    ...key(`lease#${lease}`, 'lease'),
    execution: { S: made.execution },
    until: number(at + LEASE),
    expires: { N: String(Math.floor((at + HOUR) / 1000)) },
  },
  ConditionExpression: 'attribute_not_exists(pk) OR execution = :me OR #until < :now',
  ExpressionAttributeNames: { '#until': 'until' },
  ExpressionAttributeValues: { ':me': { S: made.execution }, ':now': number(at) },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

const count = (Key: Item, most: number, at: number) => ({
  Key,
  UpdateExpression: 'SET expires = :expires ADD started :one',
  ConditionExpression: 'attribute_not_exists(started) OR started < :most',
  ExpressionAttributeValues: {
    ':one': number(1),
    ':most': number(most),
    ':expires': { N: String(Math.floor((at + 2 * HOUR) / 1000)) },
  },
});

/** Exactly one execution takes the try of a circuit that was opened until then. */
const takeTry = (made: Job, { remediation }: JobWork, { openUntil }: Circuit, at: number) => ({
  Key: circuitKey(remediation),
  UpdateExpression: 'SET tryBy = :me, tryUntil = :until',
  ConditionExpression: 'openUntil = :openUntil AND (attribute_not_exists(tryBy) OR tryBy = :me OR tryUntil < :now)',
  ExpressionAttributeValues: {
    ':me': { S: made.execution },
    ':until': number(at + LEASE),
    ':openUntil': number(openUntil ?? 0),
    ':now': number(at),
  },
});
