/** One record for each finding, and one line of history for each of its executions. */
import {
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
import { absentAttributes, historyItem, statusAttributes } from './finding-records.ts';
import {
  conditionHeld,
  type DynamoItem,
  expiryAttribute,
  HOUR_MS,
  itemKey,
  itemName,
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
const BATCH = 25;
const MAX_ATTEMPTS = 5;

export const dynamoLedger = (table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Ledger =>
  new DynamoLedger(table, client, now);

type Change = { readonly set?: DynamoItem; readonly remove?: readonly string[] };
type Condition = { readonly expression?: string; readonly values?: DynamoItem };

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
          set: { blockedUntil: numberAttribute(this.#now() + HOUR_MS) },
          remove: ['executions', 'countedBy', 'countedUntil'],
        },
        ending === 'REFUSED' ? UNLESS_ROLLED_BACK : {},
      );
    return this.#putLine(job, ending, at);
  }

  async record(jobs: readonly Job[]): Promise<void> {
    const at = this.#isoNow();
    for (let first = 0; first < jobs.length; first += BATCH) {
      const batch = jobs.slice(first, first + BATCH);
      await this.#putLines(batch.map((job) => historyItem(job, endingOf(job), at, this.#now())));
      await Promise.all(batch.map((job) => this.#recordStatus(job, at)));
    }
  }

  async wait(job: Job, since?: string): Promise<void> {
    const at = since ?? this.#isoNow();
    await this.#setStatus(job, ledgerStatus(job, 'WAITING', at), {}, unlessNewer(job, since));
  }

  async fail(job: Job, failure: ExecutionFailure, isUnproven: boolean): Promise<boolean> {
    const status = ledgerStatus(job, 'FAILED', failure.at, failure);
    const condition = isUnproven ? replaces(['REJECTED', 'IGNORED', 'FAILED']) : unlessNewer(job);
    await this.#setStatus(job, status, {}, condition);
    return this.#putLine(job, 'FAILED', failure.at, failure);
  }

  async #recordStatus(job: Job, at: string): Promise<void> {
    const ending = endingOf(job);
    if (ending === 'DUPLICATE') return;
    const replaced = REPLACEABLE[ending];
    await this.#setStatus(job, ledgerStatus(job, ending, at), {}, replaced && replaces(replaced));
  }

  #setStatus(
    job: Job,
    status: LedgerStatus,
    { set, remove = [] }: Change,
    condition: Condition = {},
  ): Promise<boolean> {
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

  /** Returns whether the line is new or differs from the stored one. */
  async #putLine(job: Job, ending: Ending, at: string, failure?: ExecutionFailure): Promise<boolean> {
    const Item = historyItem(job, ending, at, this.#now(), failure);
    const { Attributes: before } = await this.#client.send(
      new PutItemCommand({ TableName: this.#table, Item, ReturnValues: 'ALL_OLD' }),
    );
    return before?.outcome?.S !== ending || (failure !== undefined && failedAt(before) !== failure.at);
  }

  /** Retries lines that DynamoDB leaves unprocessed. */
  async #putLines(items: readonly DynamoItem[]): Promise<void> {
    // A batch must not contain two items with the same key.
    const unique = new Map(items.map((Item) => [itemName(Item), Item]));
    let unprocessed: WriteRequest[] = [...unique.values()].map((Item) => ({ PutRequest: { Item } }));
    for (let attempt = 0; unprocessed.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS)
        throw new SutureError(
          'Throttled',
          `DynamoDB left ${unprocessed.length} records unprocessed ${MAX_ATTEMPTS} times.`,
        );
      const RequestItems = { [this.#table]: unprocessed };
      const { UnprocessedItems } = await this.#client.send(new BatchWriteItemCommand({ RequestItems }));
      unprocessed = UnprocessedItems?.[this.#table] ?? [];
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

const replaces = (statuses: readonly FindingStatus[]): Condition => ({
  expression: `attribute_not_exists(ofStatus) OR ofStatus IN (${statuses.map((_, n) => `:old${n}`).join(', ')})`,
  values: Object.fromEntries(statuses.map((status, n) => [`:old${n}`, { S: status }])),
});

/** Executions end in any order. An older one must not overwrite a newer one. */
const unlessNewer = ({ started, execution }: Job, since?: string): Condition => ({
  expression:
    'attribute_not_exists(lastStarted) OR lastStarted < :mine OR ' +
    `(lastStarted = :mine${since === undefined ? '' : ' AND (lastExecution <> :execution OR changedAt <= :since)'})`,
  values: {
    ':mine': { S: started },
    ...(since !== undefined && { ':execution': { S: execution }, ':since': { S: since } }),
  },
});

const failedAt = (item: DynamoItem | undefined): string | undefined =>
  item?.failure?.S === undefined ? undefined : JSON.parse(item.failure.S).at;
