/**
 * The circuit breaker of a remediation: too many failed changes within an hour open it, and an open circuit lets no change
 * through. Later it admits one trial, whose success closes it. Pure.
 */

import { type ErrorName, RETRIED } from '../contract/errors.ts';
import type { Job } from './job.ts';
import type { SuturePolicy } from './policy.ts';
import { hash } from './trace.ts';

/** A circuit as the ledger stores it; times in milliseconds since 1970. A circuit without fields is closed. */
export type Circuit = {
  readonly openedAt?: number;
  /** From then on, the circuit admits one trial. Absent while the circuit is closed. */
  readonly openUntil?: number;
  /** The execution whose trial is running, and when that trial expires. */
  readonly trialBy?: string;
  readonly trialUntil?: number;
  /** Failures before this time no longer count. */
  readonly closedAt?: number;
};

export type CircuitState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number }
  /** The trial is free, or this execution's own. */
  | { readonly kind: 'halfOpen' }
  | { readonly kind: 'onTrial'; readonly by: string; readonly until: number };

const HOUR_MS = 3_600_000;

/** Returns the circuit's state for an execution, or for an execution without a trial if none is given. */
export function circuitState(circuit: Circuit, now: number, execution?: string): CircuitState {
  const { openUntil, trialBy, trialUntil } = circuit;
  if (openUntil === undefined) return { kind: 'closed' };
  if (now < openUntil) return { kind: 'open', until: openUntil };
  const isOthersTrial = trialBy !== undefined && trialBy !== execution && trialUntil !== undefined && now < trialUntil;
  return isOthersTrial ? { kind: 'onTrial', by: trialBy, until: trialUntil } : { kind: 'halfOpen' };
}

/** Errors that say nothing against the remediation: AWS was busy, a check refused, or a deployment is missing. */
const UNCOUNTED_ERRORS: ReadonlySet<string> = new Set([
  ...RETRIED,
  'Stopped',
  'CapReached',
  'CircuitOpen',
  'FindingRejected',
  'ConfigurationInvalid',
  'MemberRoleUnavailable',
] satisfies ErrorName[]);

/**
 * Returns the key under which a failed change counts; undefined where it does not count. A failed change counts once for
 * each execution. A denied one counts once for each account: one account's own policies must not stop the others, but the
 * same denial in many accounts means that Suture requests the wrong thing.
 */
export function failureKey(error: string, { execution, finding }: Pick<Job, 'execution' | 'finding'>) {
  if (UNCOUNTED_ERRORS.has(error)) return undefined;
  return error === 'MemberAccessDenied' ? `account#${finding.account}` : `execution#${hash(execution)}`;
}

/** Returns the time from which failures count: an hour ago, or the last success that closed the circuit. */
export const countedSince = ({ closedAt = 0 }: Circuit, now: number): number => Math.max(now - HOUR_MS, closedAt + 1);

/** Whether this many failures (see `countedSince`) open a closed circuit. */
export const reachesBreakerThreshold = (failures: number, { breaker }: Pick<SuturePolicy, 'breaker'>): boolean =>
  failures >= breaker.failures;
