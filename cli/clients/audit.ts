/**
 * The audit trail in the ledger: one line for each run of a command that writes, and one for each item that the run
 * processed. A later command with the same selection continues an interrupted run with the remaining items.
 */
import { randomBytes } from 'node:crypto';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import { type DynamoItem, expiryAttribute, itemKey } from '../../functions/ledger/ledger-items.ts';
import { putItem, queryItems, updateItem } from './ledger-table.ts';
import type { Operator } from './operator.ts';

export type OperationRequest = {
  readonly action: 'replay' | 'rollback' | 'dlq redrive' | 'events replay' | 'backfill';
  readonly reason: string;
  readonly selection: Readonly<Record<string, unknown>>;
};
/** `endedAt` is absent while the run is active, or if it was interrupted. */
export type Operation = OperationRequest & {
  readonly run: string;
  readonly at: string;
  readonly by: string;
  readonly endedAt?: string;
  readonly counts?: Readonly<Record<string, number>>;
};

export type OperatorRun = {
  readonly id: string;
  /** Items that an interrupted part of this run has processed, with their results. */
  readonly completed: ReadonlyMap<string, string>;
  record(item: string, work: () => Promise<string>): Promise<string>;
  end(counts: Readonly<Record<string, number>>): Promise<void>;
};

const RECENT_RUNS = 50;

/** Begins a run, or continues an interrupted one with the same action and selection. */
export async function beginRun(operator: Operator, request: OperationRequest): Promise<OperatorRun> {
  const interrupted = await interruptedRun(operator, request);
  if (interrupted) operator.progress(`Continuing the interrupted run ${interrupted.run} of ${interrupted.at}.`);
  const id = interrupted?.run ?? randomBytes(6).toString('hex');
  const at = interrupted?.at ?? isoNow(operator);
  const key = itemKey(OPERATIONS, `${at}#${id}`);
  const selection = { S: JSON.stringify(request.selection) };
  if (!interrupted) await putLine(operator, request, { ...key, run: { S: id }, selection }, at);
  return {
    id,
    completed: interrupted ? await completedItems(operator, id) : new Map<string, string>(),
    async record(item, work) {
      const lineKey = itemKey(operationKey(id), item);
      await putLine(operator, request, lineKey, isoNow(operator));
      const result = await work();
      await updateItem(operator.dynamo, lineKey, { result: { S: result } });
      return result;
    },
    end: (counts) =>
      updateItem(operator.dynamo, key, { endedAt: { S: isoNow(operator) }, counts: { S: JSON.stringify(counts) } }),
  };
}

async function interruptedRun(operator: Operator, { action, selection }: OperationRequest) {
  const runs = await recentOperations(operator);
  return runs.find(
    (run) =>
      run.endedAt === undefined && run.action === action && JSON.stringify(run.selection) === JSON.stringify(selection),
  );
}

export async function recentOperations({ dynamo }: Operator): Promise<Operation[]> {
  const items = await queryItems(dynamo, OPERATIONS, { newest: RECENT_RUNS });
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

async function completedItems({ dynamo }: Operator, run: string): Promise<Map<string, string>> {
  const items = await queryItems(dynamo, operationKey(run));
  return new Map(items.flatMap((item) => (item.result?.S === undefined ? [] : [[item.sk!.S!, item.result.S]])));
}

const putLine = (
  { dynamo, caller, now }: Operator,
  { action, reason }: OperationRequest,
  item: DynamoItem,
  at: string,
): Promise<void> =>
  putItem(dynamo, {
    ...item,
    at: { S: at },
    action: { S: action },
    by: { S: caller },
    reason: { S: reason },
    expires: expiryAttribute(now()),
  });

const isoNow = ({ now }: Operator): string => new Date(now()).toISOString();
