import type { Remediation } from '../../../functions/contract/remediation.ts';
import type { FaultRule } from '../../../sandbox/kernel/fault.ts';
import { LAB_NAMES } from '../../organization/lab-names.ts';

export const KILL_KINDS = ['killBefore', 'killAfter'] as const;

export type KillPoint = {
  /** From 1, over all calls of an execution, in plan and in every attempt. */
  readonly call: number;
  readonly kind: (typeof KILL_KINDS)[number];
};

export type CallCounter = {
  readonly rule: FaultRule;
  /** Counts sessions, the journal's calls, and those in the member account. */
  calls(): number;
  kills(): number;
  /** Returns `, killed before call 3 (dynamodb Query),`, or an empty text if the function was not killed. */
  killText(): string;
};

/**
 * Counts the calls of a remediation's functions, and kills the function at `killPoint`. No other function may work in
 * member accounts meanwhile.
 */
export function killAtCall({ id }: Remediation, killPoint?: KillPoint): CallCounter {
  const roles = [LAB_NAMES.executionRole(id), LAB_NAMES.rollbackFunction(id), LAB_NAMES.memberRole];
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
