/** One record for each finding, and one line of history for each of its executions. */
import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { isNamed } from '../contract/errors.ts';
import type { Job } from '../domain/job.ts';
import {
  type Ending,
  type ExecutionFailure,
  endingOf,
  type FindingStatus,
  findingKey,
  keptDays,
  type LedgerStatus,
  ledgerStatus,
  RECORD,
} from '../domain/ledger.ts';
import type { Ledger } from '../ports/ledger.ts';
import { dynamoDb } from './dynamodb.ts';
import { absentAttributes, historyItem, NOT_NEWER_FORMAT, statusAttributes } from './finding-records.ts';
import {
  conditionHeld,
  type DynamoItem,
  expiryAttribute,
  HOUR_MS,
  itemKey,
  numberAttribute,
  updateExpression,
} from './ledger-items.ts';

/**
 * Statuses that an end without a remediation may replace. It never replaces what an execution holds or has achieved.
 */
const REPLACEABLE: Readonly<Partial<Record<Ending, readonly FindingStatus[]>>> = {
  // A forged finding may have another finding's id.
  REJECTED: ['REJECTED'],
  IGNORED: ['REJECTED', 'IGNORED', 'FAILED', 'PLANNED'],
};
/** Ends of an execution that one without a remediation may replace: after a redrive, or a message that came twice. */
const REPLACEABLE_LINES: readonly Ending[] = ['REJECTED', 'IGNORED', 'DUPLICATE', 'ARCHIVED', 'FAILED'];
/** Attributes of the record about the owner's time, until the finding ends. */
const OF_THE_OWNER = ['toldAt', 'waitsUntil'];
const BATCH = 25;

export const dynamoLedger = (table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Ledger =>
  new DynamoLedger(table, client, now);

type Change = { readonly set?: DynamoItem; readonly remove?: readonly string[] };
type Condition = { readonly expression: string; readonly values: DynamoItem };

class DynamoLedger implements Ledger {
  readonly #table: string;
  readonly #client: DynamoDBClient;
  readonly #now: () => number;

  constructor(table: string, client: DynamoDBClient, now: () => number) {
    this.#table = table;
    this.#client = client;
    this.#now = now;
  }

  async close(job: Job): Promise<boolean> {
    const ending = endingOf(job);
    const at = this.#isoNow();
    if (changesStatus(job, ending))
      await this.#setStatus(
        job,
        ledgerStatus(job, ending, at),
        {
          set: {
            blockedUntil: numberAttribute(this.#now() + HOUR_MS),
            ...(ending === 'FIXED' && { fixedAt: { S: at } }),
          },
          remove: ['executions', 'countedBy', 'countedUntil', ...OF_THE_OWNER],
        },
        ending === 'REFUSED' ? [UNLESS_ROLLED_BACK, unlessNewer(job)] : [unlessNewer(job)],
      );
    return (await this.#putLine(job, ending, at)) === 'new';
  }

  async record(jobs: readonly Job[]): Promise<readonly Job[]> {
    const at = this.#isoNow();
    const kept: Job[] = [];
    for (let first = 0; first < jobs.length; first += BATCH)
      await Promise.all(
        jobs.slice(first, first + BATCH).map(async (job) => {
          if (!(await this.#recordEnd(job, at))) kept.push(job);
        }),
      );
    return kept;
  }

  async wait(job: Job, since?: string): Promise<void> {
    const at = since ?? this.#isoNow();
    const set: DynamoItem = job.dueBy === undefined ? {} : { waitsUntil: numberAttribute(Date.parse(job.dueBy)) };
    await this.#setStatus(job, ledgerStatus(job, 'WAITING', at), { set }, [unlessNewer(job, since)]);
  }

  async tell(job: Job, now: number): Promise<{ readonly toldAt: string; readonly isFirst: boolean } | undefined> {
    const at = new Date(now).toISOString();
    const condition = all([unlessNewer(job), NOT_NEWER_FORMAT]);
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: itemKey(findingKey(job.finding.id), RECORD),
      UpdateExpression: 'SET toldAt = if_not_exists(toldAt, :toldAt)',
      ConditionExpression: condition.expression,
      ExpressionAttributeValues: { ':toldAt': { S: at }, ...condition.values },
      ReturnValues: 'UPDATED_NEW',
    });
    try {
      const toldAt = (await this.#client.send(command)).Attributes?.toldAt?.S ?? at;
      return { toldAt, isFirst: toldAt === at };
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return undefined;
      throw error;
    }
  }

  async fail(job: Job, failure: ExecutionFailure, isUnproven: boolean): Promise<boolean> {
    const status = ledgerStatus(job, 'FAILED', failure.at, failure);
    const conditions = isUnproven ? [replaces(['REJECTED', 'IGNORED', 'FAILED'])] : [];
    // A look that fails leaves the finding with its owner. Security Hub sends a finding that passes again and again.
    if (!job.work?.lookOnly)
      await this.#setStatus(job, status, { remove: ['waitsUntil'] }, [...conditions, unlessNewer(job)]);
    return (await this.#putLine(job, 'FAILED', failure.at, { failure })) === 'new';
  }

  /** Returns false if the ledger has another end of the execution. */
  async #recordEnd(job: Job, at: string): Promise<boolean> {
    const ending = endingOf(job);
    const put = await this.#putLine(job, ending, at, { replaces: REPLACEABLE_LINES });
    if (put === 'refused') return false;
    if (ending === 'DUPLICATE') return true;
    const replaced = REPLACEABLE[ending];
    const conditions = [...(replaced ? [replacesOrOwns(job, replaced)] : []), unlessNewer(job)];
    await this.#setStatus(job, ledgerStatus(job, ending, at), { remove: OF_THE_OWNER }, conditions);
    return true;
  }

  #setStatus(
    job: Job,
    status: LedgerStatus,
    { set, remove = [] }: Change,
    conditions: readonly Condition[],
  ): Promise<boolean> {
    const condition = all([...conditions, NOT_NEWER_FORMAT]);
    const update = updateExpression(
      {
        ...statusAttributes(status),
        expires: expiryAttribute(this.#now(), keptDays(status.ofStatus)),
        job: { S: JSON.stringify(job) },
        ...set,
      },
      [...absentAttributes(status), ...remove],
    );
    return conditionHeld(
      this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: itemKey(findingKey(job.finding.id), RECORD),
          UpdateExpression: update.expression,
          ConditionExpression: condition.expression,
          ExpressionAttributeNames: update.names,
          ExpressionAttributeValues: { ...update.values, ...condition.values },
        }),
      ),
    );
  }

  /** `known`: the ledger had this end. `refused`: it has one that this end may not replace. */
  async #putLine(
    job: Job,
    ending: Ending,
    at: string,
    {
      failure,
      replaces: replaced,
    }: { readonly failure?: ExecutionFailure; readonly replaces?: readonly Ending[] } = {},
  ): Promise<'new' | 'known' | 'refused'> {
    const condition = all([...(replaced ? [replacesEnd(replaced)] : []), NOT_NEWER_FORMAT]);
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: historyItem(job, ending, at, this.#now(), failure),
      ReturnValues: 'ALL_OLD',
      ConditionExpression: condition.expression,
      ExpressionAttributeValues: condition.values,
    });
    try {
      const { Attributes: before } = await this.#client.send(command);
      const isKnown = before?.outcome?.S === ending && (failure === undefined || failedAt(before) === failure.at);
      return isKnown ? 'known' : 'new';
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return 'refused';
      throw error;
    }
  }

  #isoNow(): string {
    return new Date(this.#now()).toISOString();
  }
}

/** A refused rollback does not change the finding's status. */
const changesStatus = ({ work }: Job, ending: Ending): ending is FindingStatus & Ending =>
  ending !== 'DUPLICATE' && !(ending === 'REFUSED' && work?.mode === 'rollback');

/** A rolled-back finding keeps that status when a later execution is refused because of it. */
const UNLESS_ROLLED_BACK: Condition = {
  expression: 'attribute_not_exists(ofStatus) OR ofStatus <> :rolledBack',
  values: { ':rolledBack': { S: 'ROLLED_BACK' satisfies FindingStatus } },
};

const oneOf = (attribute: string, values: readonly string[]): Condition => ({
  expression: `attribute_not_exists(${attribute}) OR ${attribute} IN (${values.map((_, n) => `:old${n}`).join(', ')})`,
  values: Object.fromEntries(values.map((value, n) => [`:old${n}`, { S: value }])),
});
const replaces = (statuses: readonly FindingStatus[]): Condition => oneOf('ofStatus', statuses);

/** An execution that waited for the owner, and is left alone then, replaces its own wait. */
const replacesOrOwns = ({ execution }: Job, statuses: readonly FindingStatus[]): Condition => {
  const { expression, values } = replaces(statuses);
  return {
    expression: `${expression} OR (ofStatus = :waiting AND lastExecution = :itself)`,
    values: { ...values, ':waiting': { S: 'WAITING' satisfies FindingStatus }, ':itself': { S: execution } },
  };
};
const replacesEnd = (endings: readonly Ending[]): Condition => oneOf('outcome', endings);

/** Executions end in any order. An older one must not overwrite a newer one. */
const unlessNewer = ({ execution, started }: Job, since?: string): Condition => ({
  expression:
    'attribute_not_exists(lastExecution) OR ' +
    (since === undefined
      ? 'lastExecution = :execution OR lastStarted <= :started'
      : 'lastStarted < :started OR (lastStarted = :started AND (lastExecution <> :execution OR changedAt <= :since))'),
  values: {
    ':execution': { S: execution },
    ':started': { S: started },
    ...(since !== undefined && { ':since': { S: since } }),
  },
});

const all = (conditions: readonly Condition[]): Condition => ({
  expression: conditions.map(({ expression }) => `(${expression})`).join(' AND '),
  values: Object.assign({}, ...conditions.map(({ values }) => values)),
});

const failedAt = (item: DynamoItem | undefined): string | undefined =>
  item?.failure?.S === undefined ? undefined : JSON.parse(item.failure.S).at;
