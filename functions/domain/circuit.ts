/**
 * Circuit breakers: too many failed changes of a remediation within an hour open its circuit in their account. If they
 * are in several accounts, they also open its circuit for the organization. An open circuit lets no change through.
 * Later it admits one trial, whose success closes it. Pure.
 */

import { type ErrorName, RETRIED } from '../contract/errors.ts';
import type { Job } from './job.ts';
import type { SuturePolicy } from './policy.ts';
import { hash } from './trace.ts';

/** A circuit without fields is closed. */
export type Circuit = {
  readonly openedAt?: number;
  /** Afterwards, the circuit admits one trial. Absent while the circuit is closed. */
  readonly openUntil?: number;
  /** The execution of the running trial, and its expiry. */
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

export function circuitState(circuit: Circuit, now: number, execution?: string): CircuitState {
  const { openUntil, trialBy, trialUntil } = circuit;
  if (openUntil === undefined) return { kind: 'closed' };
  if (now < openUntil) return { kind: 'open', until: openUntil };
  const isOthersTrial = trialBy !== undefined && trialBy !== execution && trialUntil !== undefined && now < trialUntil;
  return isOthersTrial ? { kind: 'onTrial', by: trialBy, until: trialUntil } : { kind: 'halfOpen' };
}

/** Errors that do not count against the remediation: AWS was busy, a check refused, or a deployment is missing. */
const UNCOUNTED_ERRORS: ReadonlySet<string> = new Set([
  ...RETRIED,
  'Stopped',
  'CapReached',
  'PlanChanged',
  'CircuitOpen',
  'FindingRejected',
  'ConfigurationInvalid',
  'MemberRoleUnavailable',
  'MemberRoleOutdated',
  'StackOutdated',
  'PackedPolicyTooLarge',
] satisfies ErrorName[]);

/**
 * Returns the key under which a failed change counts, which begins with the account; undefined if it does not count. A
 * failed change counts once for each execution, a denial once for each account: one account's policies must not stop
 * its other changes, but the same denial in many accounts means that Suture requests the wrong thing.
 */
export function failureKey(error: string, { execution, finding }: Pick<Job, 'execution' | 'finding'>) {
  if (UNCOUNTED_ERRORS.has(error)) return undefined;
  return `${finding.account}#${error === 'MemberAccessDenied' ? 'denied' : hash(execution)}`;
}

/** Each remediation has a circuit in each account, and one in the organization. */
export const circuitName = (remediation: string, account?: string): string =>
  account === undefined ? remediation : `${remediation}#${account}`;

/**
 * The organization's circuit opens for failures from this many accounts at least, so that none can open it for the
 * others.
 */
export const MIN_ACCOUNTS = 3;

/**
 * Counts of failures: those that count for the account's circuit, and by account those that count for the
 * organization's.
 */
export type FailureCounts = { readonly inAccount: number; readonly byAccount: ReadonlyMap<string, number> };

/** Failures count for an hour, and only since the success that last closed the circuit. */
export const countedSince = ({ closedAt = 0 }: Circuit, now: number): number => Math.max(now - HOUR_MS, closedAt + 1);

export const opensInAccount = ({ inAccount }: FailureCounts, { breaker }: Pick<SuturePolicy, 'breaker'>): boolean =>
  inAccount >= breaker.failures;

/** Whether the organization's circuit opens. One account's failures count for at most a third of what opens it. */
export function opensInOrganization(
  { byAccount }: FailureCounts,
  { breaker: { failures } }: Pick<SuturePolicy, 'breaker'>,
): boolean {
  const most = Math.ceil(failures / MIN_ACCOUNTS);
  const counted = [...byAccount.values()].reduce((sum, each) => sum + Math.min(each, most), 0);
  return byAccount.size >= MIN_ACCOUNTS && counted >= failures;
}
