/**
 * Who did what and why, in the ledger: a line for each run of a command, and one for each thing it dealt with. A run that was
 * interrupted is found again by what it selected, and goes on with what it has not dealt with.
 */
import { randomBytes } from 'node:crypto';
import { type AttributeValue, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import { expires } from '../../functions/ledger/ledger-items.ts';
import { LEDGER_TABLE } from '../../stacks/names.ts';
import type { Operator } from './operator.ts';
import { inLedger } from './stops.ts';

export type Intent = {
  readonly action: 'replay' | 'rollback' | 'dlq redrive' | 'events replay' | 'backfill';
  /** Why, in the operator's words. */
  readonly reason: string;
  /** What was asked for, as it was typed. */
  readonly selection: Readonly<Record<string, unknown>>;
};
/** A line of the audit trail; `endedAt` is absent while it runs, or was interrupted. */
export type Operation = Intent & {
  readonly run: string;
  readonly at: string;
  readonly by: string;
  readonly endedAt?: string;
  readonly counts?: Readonly<Record<string, number>>;
};

export type Run = {
  /** 12 hex digits. */
  readonly id: string;
  /** What an earlier, interrupted part of this run has done, with what became of it. */
  readonly done: ReadonlyMap<string, string>;
  /** Keeps what is about to be done, does it, and keeps what was done. */
  did(thing: string, work: () => Promise<string>): Promise<string>;
  end(counts: Readonly<Record<string, number>>): Promise<void>;
};

type Item = Record<string, AttributeValue>;

/** Runs in which an interrupted one is looked for: the newest. */
const RECENT = 50;

export async function beginRun(operator: Operator, { action, reason, selection }: Intent): Promise<Run> {
  const { caller } = operator;
  const interrupted = (await operations(operator)).find(
    (each) => each.endedAt === undefined && each.action === action && same(each.selection, selection),
  );
  if (interrupted)
    operator.progress(`Going on with the run ${interrupted.run} of ${interrupted.at}, which was interrupted.`);
  const id = interrupted?.run ?? randomBytes(6).toString('hex');
  const at = interrupted?.at ?? isoNow(operator);
  const Key = { pk: { S: OPERATIONS }, sk: { S: `${at}#${id}` } };
  if (!interrupted)
    await put(operator, {
      ...Key,
      at: { S: at },
      run: { S: id },
      action: { S: action },
      by: { S: caller },
      reason: { S: reason },
      selection: { S: JSON.stringify(selection) },
    });
  const done = interrupted ? await doneIn(operator, id) : new Map<string, string>();
  return {
    id,
    done,
    async did(thing, work) {
      const entry = { pk: { S: operationKey(id) }, sk: { S: thing } };
      await put(operator, {
        ...entry,
        at: { S: isoNow(operator) },
        action: { S: action },
        by: { S: caller },
        reason: { S: reason },
      });
      const what = await work();
      await update(operator, entry, { did: { S: what } });
      return what;
    },
    end: (counts) => update(operator, Key, { endedAt: { S: isoNow(operator) }, counts: { S: JSON.stringify(counts) } }),
  };
}

/** The newest first. */
export async function operations(operator: Operator): Promise<Operation[]> {
  const items = await query(operator, OPERATIONS, { ScanIndexForward: false, Limit: RECENT });
  return items.map((item) => ({
    run: item.run!.S!,
    at: item.at!.S!,
    action: item.action!.S as Operation['action'],
    by: item.by!.S!,
    reason: item.reason!.S!,
    selection: JSON.parse(item.selection!.S!),
    ...(item.endedAt && { endedAt: item.endedAt.S! }),
    ...(item.counts && { counts: JSON.parse(item.counts.S!) }),
  }));
}

async function doneIn(operator: Operator, run: string): Promise<Map<string, string>> {
  const items = await query(operator, operationKey(run));
  return new Map(items.flatMap((item) => (item.did?.S === undefined ? [] : [[item.sk!.S!, item.did.S]])));
}

async function query(
  { dynamo }: Operator,
  pk: string,
  { Limit, ...more }: { readonly Limit?: number; readonly ScanIndexForward?: boolean } = {},
): Promise<Item[]> {
  const found: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await inLedger(dynamo, () =>
      dynamo.send(
        new QueryCommand({
          TableName: LEDGER_TABLE,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ConsistentRead: true,
          ExclusiveStartKey,
          Limit,
          ...more,
        }),
      ),
    );
    found.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey && (Limit === undefined || found.length < Limit));
  return found;
}

const put = ({ dynamo, now }: Operator, item: Item) =>
  inLedger(dynamo, () =>
    dynamo.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: { ...item, expires: expires(now()) } })),
  );

async function update({ dynamo }: Operator, Key: Item, values: Item): Promise<void> {
  const names = Object.keys(values);
  await inLedger(dynamo, () =>
    dynamo.send(
      new UpdateItemCommand({
        TableName: LEDGER_TABLE,
        Key,
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name]!])),
      }),
    ),
  );
}

const same = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);
const isoNow = ({ now }: Operator): string => new Date(now()).toISOString();
