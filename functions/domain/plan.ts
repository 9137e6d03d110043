/** The identity of a plan: what a person approves is what is applied. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { canonical } from '../contract/is-equal.ts';

/** SHA-256 of a plan, in hexadecimal digits. */
export const PlanDigest = z.string().regex(/^[0-9a-f]{64}$/);

/** An approval as the remediation's function sees it: who approved which plan, and when. */
export const PlanApproval = z.object({ by: z.string(), at: z.string(), plan: PlanDigest });
export type PlanApproval = z.infer<typeof PlanApproval>;

/** The longest that a policy can let an approval hold: a window opens within two weeks, and ends within two more. */
const MAX_APPROVAL_MS = 28 * 86_400_000;
const CLOCK_SKEW_MS = 300_000;

/** @param until the end by the policy of the moment; undefined: the approval holds no more */
export function approvalHolds({ at }: PlanApproval, until: string | undefined, now: number): boolean {
  const approvedAt = Date.parse(at);
  const end = Math.min(Date.parse(until ?? ''), approvedAt + MAX_APPROVAL_MS);
  return approvedAt - CLOCK_SKEW_MS <= now && now < end;
}

/** Everything that a person who approves a plan relies on. */
export type ApprovablePlan = {
  readonly remediation: string;
  readonly version: number;
  readonly risk: string | undefined;
  readonly control: string | undefined;
  readonly partition: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly title: string | undefined;
  /** Id of the resource in the finding. */
  readonly resource: string | undefined;
  readonly target: Readonly<Record<string, string>>;
  readonly params: unknown;
  readonly before: unknown;
  readonly after: unknown;
  readonly summary: string;
  /** The permanent loss of the change. */
  readonly loses: string | undefined;
  /** ARN of the person who started the execution. */
  readonly askedBy: string | undefined;
};

/** Returns the same digest for plans that are the same to AWS: keys and lists in any order. */
export function planDigest(plan: ApprovablePlan): string {
  // As JSON, because a plan reaches the approval function in that form.
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(plan))))
    .digest('hex');
}
