import type { FaultRule } from '../../sandbox/kernel/kernel.ts';

/** The queue of updates hands a message out 14 times. Two kills at each call may be more, if all hit one message. */
const KILLED_AFTER_ALONE = 'suture-finding-updates';

/** Kills each function once before and once after each kind of call that it makes. */
export function killEachOnce(): { readonly rule: FaultRule; readonly killed: Set<string> } {
  const killed = new Set<string>();
  const rule: FaultRule = ({ instance, principal, operation }) => {
    if (instance === undefined || principal.kind !== 'session') return undefined;
    const role = principal.role.split('/').at(-1)!;
    const kinds = role === KILLED_AFTER_ALONE ? (['killAfter'] as const) : (['killBefore', 'killAfter'] as const);
    const kind = kinds.find((each) => !killed.has(`${role} ${operation} ${each}`));
    if (!kind) return undefined;
    killed.add(`${role} ${operation} ${kind}`);
    return { kind };
  };
  return { rule, killed };
}
