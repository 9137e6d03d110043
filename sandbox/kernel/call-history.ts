/** Ended calls, for the event history of CloudTrail. The kernel's log has every call, with fewer members. */
import type { AwsError } from './aws-error.ts';
import type { AwsPlace } from './place.ts';
import type { Principal } from './principal.ts';
import type { Kernel, Service } from './service.ts';

export type PastCall = {
  /** Counts the kept calls from 1. */
  readonly number: number;
  /** The call's end. */
  readonly at: number;
  /** The caller's account, and the Region of the endpoint. */
  readonly place: AwsPlace;
  readonly service: Service;
  readonly operation: string;
  readonly principal: Principal;
  /** Absent, like the two after it, for a call inside the sandbox, which no key signed. */
  readonly requestId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly userAgent?: string | undefined;
  /** ARNs on which IAM decided, without patterns. */
  readonly resources: readonly string[];
  readonly error?: AwsError;
};

type CallHistory = { calls: PastCall[]; kept: number; forgottenUntil: number | undefined };

/** Calls of the whole sandbox: some 20 MB. */
export const MAX_PAST_CALLS = 50_000;
const KEPT_MS = 90 * 86_400_000;

const histories = new WeakMap<Kernel, CallHistory>();

/** Keeps a call unless CloudTrail records it as a data event or not at all. */
export function keepPastCall(kernel: Kernel, call: Omit<PastCall, 'number' | 'at'>): void {
  if (call.error?.code === 'NotModelled' || call.service.trail?.unrecorded?.includes(call.operation)) return;
  const history = historyOf(kernel);
  history.kept += 1;
  history.calls.push({ ...call, number: history.kept, at: kernel.clock.now() });
  if (history.calls.length >= 2 * MAX_PAST_CALLS) forget(history, history.calls.length - MAX_PAST_CALLS);
}

/**
 * Returns the calls of the last 90 days, oldest first. `forgottenUntil` is the end of the newest call that was dropped
 * because of `MAX_PAST_CALLS`.
 */
export function pastCalls(kernel: Kernel): {
  readonly calls: readonly PastCall[];
  readonly forgottenUntil: number | undefined;
} {
  const history = historyOf(kernel);
  const oldest = kernel.clock.now() - KEPT_MS;
  const firstKept = history.calls.findIndex(({ at }) => at >= oldest);
  history.calls.splice(0, firstKept === -1 ? history.calls.length : firstKept);
  if (history.calls.length > MAX_PAST_CALLS) forget(history, history.calls.length - MAX_PAST_CALLS);
  const { calls, forgottenUntil } = history;
  return {
    calls,
    forgottenUntil: forgottenUntil !== undefined && forgottenUntil >= oldest ? forgottenUntil : undefined,
  };
}

function forget(history: CallHistory, count: number): void {
  history.forgottenUntil = history.calls.splice(0, count).at(-1)!.at;
}

function historyOf(kernel: Kernel): CallHistory {
  const known = histories.get(kernel);
  if (known) return known;
  const history: CallHistory = { calls: [], kept: 0, forgottenUntil: undefined };
  histories.set(kernel, history);
  return history;
}
