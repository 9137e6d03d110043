/**
 * The circuit breaker of a remediation: too many changes that went wrong within an hour open it, so that nothing more is
 * changed; later one try is let through, whose success closes it. Pure.
 */

import { type ErrorName, RETRIED } from '../contract/errors.ts';
import type { Job } from './job.ts';
import type { SuturePolicy } from './policy.ts';
import { hash } from './trace.ts';

/** As the ledger keeps it; times in milliseconds since 1970. A circuit of which nothing is known is closed. */
export type Circuit = {
  readonly openedAt?: number;
  /** From then on, one try is let through. Absent while the circuit is closed. */
  readonly openUntil?: number;
  /** The execution whose try is under way, and until when it counts as such. */
  readonly tryBy?: string;
  readonly tryUntil?: number;
  /** Failures before it do not count any more. */
  readonly closedAt?: number;
};

export type CircuitState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number }
  /** The try is free, or this execution's own. */
  | { readonly kind: 'halfOpen' }
  | { readonly kind: 'trying'; readonly by: string; readonly until: number };

const HOUR = 3_600_000;

/** How a circuit stands for an execution; for nobody in particular without one. */
export function circuitState(circuit: Circuit, now: number, execution?: string): CircuitState {
  const { openUntil, tryBy, tryUntil } = circuit;
  if (openUntil === undefined) return { kind: 'closed' };
  if (now < openUntil) return { kind: 'open', until: openUntil };
  const othersTry = tryBy !== undefined && tryBy !== execution && tryUntil !== undefined && now < tryUntil;
  return othersTry ? { kind: 'trying', by: tryBy, until: tryUntil } : { kind: 'halfOpen' };
}

/** Ends that are nobody's failure: AWS was busy, somebody said no, or nothing was written for want of a deployment. */
const NO_FAILURES: ReadonlySet<string> = new Set([
  ...RETRIED,
  'Stopped',
  'CapReached',
  'CircuitOpen',
  'FindingRejected',
  'ConfigurationInvalid',
  'MemberRoleUnavailable',
] satisfies ErrorName[]);

/**
 * Under which name a failed change counts; undefined where it does not. A change that went wrong counts once an execution.
 * A denied one counts once an account: one account's own policies must not stop the others, but the same denial in many
 * accounts means that what we ask for is wrong.
 */
export function failureKey(error: string, { execution, finding }: Pick<Job, 'execution' | 'finding'>) {
  if (NO_FAILURES.has(error)) return undefined;
  return error === 'MemberAccessDenied' ? `account#${finding.account}` : `execution#${hash(execution)}`;
}

/** Failures count for an hour, and not beyond a success that closed the circuit. */
export const countsSince = ({ closedAt = 0 }: Circuit, now: number): number => Math.max(now - HOUR, closedAt + 1);

/** Whether so many failures (see `countsSince`) open a closed circuit. */
export const opens = (failures: number, { breaker }: Pick<SuturePolicy, 'breaker'>): boolean =>
  failures >= breaker.failures;
