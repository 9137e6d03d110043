/** Kills the function of a remediation at one of its calls. */
import type { Remediation } from '../../../functions/contract/remediation.ts';
import type { FaultRule } from '../../../sandbox/kernel/kernel.ts';
import { executionRoleName, MEMBER_ROLE } from '../../../stacks/names.ts';

export const HOWS = ['killBefore', 'killAfter'] as const;

export type Killing = {
  /** The call, 1 for the first; of a whole execution, plan and every attempt counted. */
  readonly call: number;
  /** Before it takes effect, or after. */
  readonly how: (typeof HOWS)[number];
};

export type Killer = {
  readonly rule: FaultRule;
  /** How many calls the function made: sessions, the journal's, and those in the member account. */
  calls(): number;
  kills(): number;
  /** `, killed before call 3 (dynamodb Query),`, or nothing where it never came to the call. */
  inWords(): string;
};

/** For `kernel.faults`, while nothing but this remediation's function works in member accounts. Without a killing it only counts. */
export function killer({ id }: Remediation, killing?: Killing): Killer {
  const roles = [executionRoleName(id), MEMBER_ROLE];
  let calls = 0;
  let met = '';
  const rule: FaultRule = ({ principal, service, operation }) => {
    if (principal.kind !== 'session' || !roles.some((role) => principal.role.endsWith(`/${role}`))) return undefined;
    calls += 1;
    if (!killing || calls !== killing.call) return undefined;
    met = `, killed ${killing.how === 'killBefore' ? 'before' : 'after'} call ${calls} (${service} ${operation}),`;
    return { kind: killing.how };
  };
  return { rule, calls: () => calls, kills: () => (met ? 1 : 0), inWords: () => met };
}
