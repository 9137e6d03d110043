/** A check of triage: it examines one property of a finding, and may reject it. */
import type { TriageCheck } from '../domain/job.ts';

export type Rejection = {
  readonly route: 'reject' | 'ignore' | 'archive';
  readonly reason: string;
  readonly suppression?: string;
  readonly note?: string;
};

/** `value` is what the check compared. `rejection` ends triage. */
export type CheckResult = { readonly check: string; readonly value: string; readonly rejection?: Rejection };

/** A check that compares several values returns a result for each. */
export type Check<Subject> = (subject: Subject) => CheckResult | readonly CheckResult[];

const MAX_VALUE = 200;

/** Runs checks in order, adds each result to `record`, and stops at the first rejection, which it returns. */
export function firstRejection<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  record: TriageCheck[],
): Rejection | undefined {
  for (const run of checks)
    for (const { check, value, rejection } of [run(subject)].flat()) {
      record.push({ check, value: value.slice(0, MAX_VALUE), passed: rejection === undefined });
      if (rejection) return rejection;
    }
  return undefined;
}

export const rejectUnless = (passed: boolean, check: string, value: string, reason: string): CheckResult =>
  resultOf(check, value, passed ? undefined : { route: 'reject', reason });

export const ignoreUnless = (passed: boolean, check: string, value: string, reason: string): CheckResult =>
  resultOf(check, value, passed ? undefined : { route: 'ignore', reason });

export const resultOf = (check: string, value: string, rejection: Rejection | undefined): CheckResult => ({
  check,
  value,
  ...(rejection && { rejection }),
});
