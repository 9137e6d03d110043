/** The ledger: where every finding that reached triage stands, and how each of its executions ended. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { SutureError } from '../contract/errors.ts';
import type { Job } from '../domain/job.ts';
import {
  type Ending,
  endingOf,
  type Failure,
  type FindingStatus,
  findingKey,
  historyKey,
  keptDays,
  LedgerStatus,
  ledgerStatus,
  RECORD,
} from '../domain/ledger.ts';
import { hash } from '../domain/trace.ts';
import { dynamoDb } from './dynamodb.ts';
import { expires, HOUR, held, type Item, key, number } from './ledger-items.ts';

export type Ledger = {
  /**
   * Records how a remediation ended, and from when on the finding may be opened again. Answers whether that is news: it is
   * not when the call is repeated.
   */
  close(job: Job): Promise<boolean>;
  /** Records executions that ended without a remediation; whatever AWS gives back is tried again. */
  record(cases: readonly Job[]): Promise<void>;
  /** The finding waits: for a person, or for a window. */
  wait(job: Job): Promise<void>;
  /**
   * Records that an execution failed. Answers whether that is news. `unproven`: it failed before triage said that the
   * finding is genuine, so it takes nothing from what is known of the finding.
   */
  fail(job: Job, failure: Failure, unproven: boolean): Promise<boolean>;
};

/** What an end without a remediation may replace: nothing that an execution holds or has done. */
const REPLACEABLE: Readonly<Partial<Record<Ending, readonly FindingStatus[]>>> = {
  // Who forges a finding may name another's id.
  REJECTED: ['REJECTED'],
  IGNORED: ['REJECTED', 'IGNORED', 'FAILED', 'PLANNED'],
};
/** Records that are written at once. */
const AT_ONCE = 25;

export function dynamoLedger(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Ledger {
  const isoNow = () => new Date(now()).toISOString();

  /** Brings the record to where the finding stands; false where the condition does not hold. */
  const stand = (job: Job, standing: LedgerStatus, more: Change = {}, condition: Condition = {}): Promise<boolean> => {
    const update = updating(
      { ...attributesOf(standing), expires: expires(now(), keptDays(standing.ofStatus)), ...more.set },
      [...absentIn(standing), ...(more.remove ?? [])],
    );
    return held(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(findingKey(job.finding.id), RECORD),
          UpdateExpression: update.expression,
          ConditionExpression: condition.expression,
          ExpressionAttributeNames: update.names,
          ExpressionAttributeValues: { ...update.values, ...condition.values },
        }),
      ),
    );
  };

  /** Writes a line of the history; answers whether it is new or differs. */
  const line = async (made: Job, ending: Ending, at: string, failure?: Failure): Promise<boolean> => {
    const { Attributes: before } = await client.send(
      new PutItemCommand({ TableName: table, Item: lineOf(made, ending, at, now(), failure), ReturnValues: 'ALL_OLD' }),
    );
    return before?.outcome?.S !== ending || (failure !== undefined && failedAt(before) !== failure.at);
  };

  return {
    async close(made) {
      const ending = endingOf(made);
      const at = isoNow();
      if (changesStanding(made, ending))
        await stand(
          made,
          ledgerStatus(made, ending, at),
          {
            set: { job: { S: JSON.stringify(made) }, blockedUntil: number(now() + HOUR) },
            remove: ['executions', 'countedBy', 'countedUntil'],
          },
          ending === 'REFUSED' ? UNLESS_ROLLED_BACK : {},
        );
      return line(made, ending, at);
    },

    async record(cases) {
      const at = isoNow();
      for (let first = 0; first < cases.length; first += AT_ONCE) {
        const some = cases.slice(first, first + AT_ONCE);
        await write(
          client,
          table,
          some.map((made) => ({ PutRequest: { Item: lineOf(made, endingOf(made), at, now()) } })),
        );
        await Promise.all(
          some.map(async (made) => {
            const ending = endingOf(made);
            if (ending === 'DUPLICATE') return;
            const replaced = REPLACEABLE[ending];
            const more = { set: { job: { S: JSON.stringify(made) } } };
            await stand(made, ledgerStatus(made, ending, at), more, replaced && replaces(replaced));
          }),
        );
      }
    },

    async wait(made) {
      const more = { set: { job: { S: JSON.stringify(made) } } };
      await stand(made, ledgerStatus(made, 'WAITING', isoNow()), more, notNewer(made));
    },

    async fail(made, failure, unproven) {
      const standing = ledgerStatus(made, 'FAILED', failure.at, failure);
      const more = { set: { job: { S: JSON.stringify(made) } } };
      await stand(made, standing, more, unproven ? replaces(['REJECTED', 'IGNORED', 'FAILED']) : notNewer(made));
      return line(made, 'FAILED', failure.at, failure);
    },
  };
}

/** A rollback that was refused leaves the finding as it stood. */
const changesStanding = ({ work }: Job, ending: Ending): ending is FindingStatus & Ending =>
  ending !== 'DUPLICATE' && !(ending === 'REFUSED' && work?.mode === 'rollback');

/** What was rolled back stays so, though a later execution was refused for it. */
const UNLESS_ROLLED_BACK = {
  expression: 'attribute_not_exists(ofStatus) OR ofStatus <> :rolledBack',
  values: { ':rolledBack': { S: 'ROLLED_BACK' satisfies FindingStatus } },
};

type Change = { readonly set?: Item; readonly remove?: readonly string[] };
type Condition = { readonly expression?: string; readonly values?: Item };

const replaces = (statuses: readonly FindingStatus[]): Condition => ({
  expression: `attribute_not_exists(ofStatus) OR ofStatus IN (${statuses.map((_, n) => `:old${n}`).join(', ')})`,
  values: Object.fromEntries(statuses.map((status, n) => [`:old${n}`, { S: status }])),
});

/** Executions end in any order: an older one does not hide a newer. */
const notNewer = ({ started }: Job): Condition => ({
  expression: 'attribute_not_exists(lastStarted) OR lastStarted <= :mine',
  values: { ':mine': { S: started } },
});

/** A standing as attributes of a record. */
export const attributesOf = (standing: LedgerStatus): Item =>
  Object.fromEntries(
    Object.entries(standing)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { S: String(value) }]),
  );

/** Attributes that a standing before may have had and this one has not. */
export const absentIn = (standing: LedgerStatus): string[] =>
  (Object.keys(LedgerStatus.shape) as (keyof LedgerStatus)[]).filter((name) => standing[name] === undefined);

/** The update that sets these and removes those. Every name is written as a placeholder, for some are reserved words. */
export function updating(item: Item, remove: readonly string[]) {
  const set = Object.keys(item);
  const removing = remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : '';
  return {
    expression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${removing}`,
    names: Object.fromEntries([...set, ...remove].map((name) => [`#${name}`, name])),
    values: Object.fromEntries(set.map((name) => [`:${name}`, item[name]!])) as Record<string, AttributeValue>,
  };
}

/** One line of the finding's history. */
function lineOf(made: Job, ending: Ending, at: string, now: number, failure?: Failure): Item {
  return {
    ...key(findingKey(made.finding.id), historyKey(made)),
    outcome: { S: ending },
    at: { S: at },
    trace: { S: hash(made.execution) },
    job: { S: JSON.stringify(made) },
    ...(failure && { failure: { S: JSON.stringify(failure) } }),
    expires: expires(now, keptDays(ending)),
  };
}

const failedAt = (item: Item | undefined): string | undefined =>
  item?.failure?.S === undefined ? undefined : JSON.parse(item.failure.S).at;

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
