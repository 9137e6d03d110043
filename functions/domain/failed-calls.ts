/**
 * The calls of a remediation that failed. Lambda passes on name, message and trace of an error alone, so that the trace
 * takes them from the remediation's function to the proxy, which stores them. Pure.
 */
import * as z from 'zod';
import { MemberCall } from './job.ts';

const MAX_CALLS = 40;
const MAX_BYTES = 16_000;
const LINE = 'Suture calls: ';

export const FailedCalls = z.array(MemberCall).max(MAX_CALLS);

/** Adds the last calls to the error's stack, also none: the error's message may have a line that looks like it. */
export function withCalls(error: unknown, calls: readonly MemberCall[]): unknown {
  if (!(error instanceof Error)) return error;
  error.stack = `${error.stack}\n${LINE}${JSON.stringify(calls.slice(-MAX_CALLS))}`;
  return error;
}

/** @param trace the lines of a stack, as Lambda's runtime returns them */
export function callsInTrace(trace: unknown): readonly MemberCall[] {
  const lines = Array.isArray(trace) ? trace : [];
  const line: unknown = lines.findLast((each) => typeof each === 'string' && each.startsWith(LINE));
  if (typeof line !== 'string' || line.length > MAX_BYTES) return [];
  try {
    return FailedCalls.parse(JSON.parse(line.slice(LINE.length)));
  } catch {
    return [];
  }
}

const CALLS = new WeakMap<object, readonly MemberCall[]>();

/** Remembers which calls a function had made when it threw the error. */
export function rememberCalls<E extends Error>(error: E, calls: readonly MemberCall[]): E {
  CALLS.set(error, calls);
  return error;
}

/** Returns the calls that were remembered of the error, or of one that caused it. */
export function callsOf(error: unknown): readonly MemberCall[] {
  for (let each = error; each instanceof Error; each = each.cause) {
    const calls = CALLS.get(each);
    if (calls) return calls;
  }
  return [];
}
