/**
 * Runs of commands that write. The API keeps a line for each run and one for each item that the run processed. A later
 * command with the same selection continues an interrupted run with the remaining items.
 */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { BeginRunReply, ItemReply, type RunKind } from '../../functions/domain/api-runs.ts';
import { withoutUndefined } from '../input/without-undefined.ts';
import { countText } from '../output/count-text.ts';
import { sutureApi } from './api.ts';
import type { Operator } from './operator.ts';

export type RunRequest = {
  readonly kind: RunKind;
  readonly reason: string;
  readonly selection: Readonly<Record<string, unknown>>;
};

export type OperatorRun = {
  readonly id: string;
  /** Items that an interrupted part of this run has processed, with their results. */
  readonly completed: ReadonlyMap<string, string>;
  /** Sends an item and returns the answer. */
  send(item: object): Promise<unknown>;
  /** Sends an item and returns its result. */
  perform(item: object): Promise<string>;
  end(counts: Readonly<Record<string, number>>): Promise<void>;
};

/** @throws Unreachable if IAM does not let the caller begin runs of this kind */
export async function requireRunPermission({ aws }: Pick<Operator, 'aws'>, kind: RunKind): Promise<void> {
  const api = await sutureApi(new APIGatewayClient(aws));
  await api.requirePermission(`begin ${kind}`);
}

/** Begins a run, or continues an interrupted one with the same selection. */
export async function beginRun(operator: Operator, { kind, reason, selection }: RunRequest): Promise<OperatorRun> {
  const api = await sutureApi(new APIGatewayClient(operator.aws));
  const body = { reason, selection: withoutUndefined(selection) };
  const { run, startedAt, isContinued, completed } = BeginRunReply.parse(await api.call(`begin ${kind}`, { body }));
  if (isContinued)
    operator.progress(
      `Continuing the same command of ${startedAt}, which was interrupted after ${countText(Object.keys(completed).length, 'item')}.`,
    );
  const send = (item: object) => api.call(`do ${kind}`, { parameters: { run }, body: { startedAt, ...item } });
  return {
    id: run,
    completed: new Map(Object.entries(completed)),
    send,
    perform: async (item) => ItemReply.parse(await send(item)).result,
    async end(counts) {
      await api.call(`end ${kind}`, { parameters: { run }, body: { startedAt, counts } });
    },
  };
}
