/** Plans at random, that shrink: findings that come, what policy says of them, and which calls fail how. */
import * as fc from 'fast-check';
import { outage, throttled, transactionConflict } from '../../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../../sandbox/kernel/kernel.ts';
import { executionRoleName, functionName, MEMBER_ROLE } from '../../../stacks/names.ts';

export const MODES = ['auto', 'observe', 'off'] as const;
const FAULTS = {
  throttled,
  conflict: transactionConflict,
  outage: () => outage,
  cutBefore: () => ({ kind: 'cutBefore' }),
  cutAfter: () => ({ kind: 'cutAfter' }),
  killBefore: () => ({ kind: 'killBefore' }),
  killAfter: () => ({ kind: 'killAfter' }),
} satisfies Record<string, FaultRule>;
const ROLES = [
  functionName('triage'),
  functionName('proxy'),
  executionRoleName('ec2/close-admin-ports'),
  MEMBER_ROLE,
  functionName('report'),
  functionName('finding-updates'),
] as const;

export type Plan = {
  readonly mode: (typeof MODES)[number];
  /** In this order; each is of the resource before, or of one of its own. */
  readonly findings: readonly { readonly events: number; readonly sameResource: boolean }[];
  readonly faults: readonly PlannedFault[];
};
/** From the nth call of this role on, so many of its calls meet the fault. */
type PlannedFault = {
  readonly kind: keyof typeof FAULTS;
  readonly role: (typeof ROLES)[number];
  readonly nth: number;
  readonly times: number;
};

const upTo = (max: number) => fc.integer({ min: 1, max });

export const PLANS: fc.Arbitrary<Plan> = fc.record({
  mode: fc.constantFrom(...MODES),
  findings: fc.array(fc.record({ events: upTo(3), sameResource: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom(...(Object.keys(FAULTS) as (keyof typeof FAULTS)[])),
      role: fc.constantFrom(...ROLES),
      nth: upTo(8),
      times: upTo(4),
    }),
    { maxLength: 4 },
  ),
});

export function ruleOf({ kind, role, nth, times }: PlannedFault): FaultRule {
  const fault: FaultRule = FAULTS[kind];
  let calls = 0;
  return (call) => {
    const { principal, instance } = call;
    if (!instance || principal.kind !== 'session' || !principal.role.endsWith(`/${role}`)) return undefined;
    calls += 1;
    return calls >= nth && calls < nth + times ? fault(call) : undefined;
  };
}
