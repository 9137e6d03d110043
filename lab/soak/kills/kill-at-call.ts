import type { Remediation } from '../../../functions/contract/remediation.ts';
import type { FaultRule } from '../../../sandbox/kernel/fault.ts';
import { executionRoleName, MEMBER_ROLE } from '../../../stacks/names.ts';

export const KILL_KINDS = ['killBefore', 'killAfter'] as const;

export type KillPoint = {
  /** Number of the call, from 1. Counts all calls of an execution, in plan and in every attempt. */
  readonly call: number;
  /** Whether the function dies before or after the call takes effect. */
  readonly kind: (typeof KILL_KINDS)[number];
};

export type CallCounter = {
  readonly rule: FaultRule;
  /** Number of calls so far: sessions, the journal's, and those in the member account. */
  calls(): number;
  kills(): number;
  /** Returns `, killed before call 3 (dynamodb Query),`, or an empty text if the function was not killed. */
  killText(): string;
};

/**
 * Returns a fault rule that counts the calls of a remediation's function, and kills the function at one of them if
 * `killPoint` is given. No other function may work in member accounts meanwhile.
 */
export function killAtCall({ id }: Remediation, killPoint?: KillPoint): CallCounter {
  const roles = [executionRoleName(id), MEMBER_ROLE];
  let calls = 0;
  let killText = '';
  const rule: FaultRule = ({ principal, service, operation }) => {
    if (principal.kind !== 'session' || !roles.some((role) => principal.role.endsWith(`/${role}`))) return undefined;
    calls += 1;
    if (calls !== killPoint?.call) return undefined;
    const when = killPoint.kind === 'killBefore' ? 'before' : 'after';
    killText = `, killed ${when} call ${calls} (${service} ${operation}),`;
    return { kind: killPoint.kind };
  };
  return { rule, calls: () => calls, kills: () => (killText ? 1 : 0), killText: () => killText };
}
