/** Random plans that fast-check can shrink: findings, their policy, and failing calls. */
import * as fc from 'fast-check';
import type { FaultRule } from '../../../sandbox/kernel/fault.ts';
import { OUTAGE, throttled, transactionConflict } from '../../../sandbox/kernel/faults.ts';
import { LAB_NAMES } from '../../organization/lab-names.ts';

export const PLAN_MODES = ['auto', 'observe', 'off'] as const;
const FAULT_RULES = {
  throttled,
  conflict: transactionConflict,
  outage: () => OUTAGE,
  dropBefore: () => ({ kind: 'dropBefore' }),
  dropAfter: () => ({ kind: 'dropAfter' }),
  killBefore: () => ({ kind: 'killBefore' }),
  killAfter: () => ({ kind: 'killAfter' }),
} satisfies Record<string, FaultRule>;
const FAULT_KINDS = Object.keys(FAULT_RULES) as (keyof typeof FAULT_RULES)[];
const CALLER_ROLES = [
  LAB_NAMES.function('triage'),
  LAB_NAMES.function('proxy'),
  LAB_NAMES.executionRole('ec2/close-admin-ports'),
  LAB_NAMES.memberRole,
  LAB_NAMES.function('report'),
  LAB_NAMES.function('finding-updates'),
] as const;

export type SoakPlan = {
  readonly mode: (typeof PLAN_MODES)[number];
  /** In order; `sameResource` findings are about the resource of the finding before. */
  readonly findings: readonly { readonly events: number; readonly sameResource: boolean }[];
  readonly faults: readonly PlannedFault[];
};
type PlannedFault = {
  readonly kind: keyof typeof FAULT_RULES;
  readonly role: (typeof CALLER_ROLES)[number];
  readonly nth: number;
  readonly times: number;
};

const upTo = (max: number) => fc.integer({ min: 1, max });

export const soakPlans: fc.Arbitrary<SoakPlan> = fc.record({
  mode: fc.constantFrom(...PLAN_MODES),
  findings: fc.array(fc.record({ events: upTo(3), sameResource: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom(...FAULT_KINDS),
      role: fc.constantFrom(...CALLER_ROLES),
      nth: upTo(8),
      times: upTo(4),
    }),
    { maxLength: 4 },
  ),
});

export function faultRuleOf({ kind, role, nth, times }: PlannedFault): FaultRule {
  const fault: FaultRule = FAULT_RULES[kind];
  let calls = 0;
  return (call) => {
    const { principal, instance } = call;
    if (!instance || principal.kind !== 'session' || !principal.role.endsWith(`/${role}`)) return undefined;
    calls += 1;
    return calls >= nth && calls < nth + times ? fault(call) : undefined;
  };
}
