import type { Scenarios } from '../../functions/contract/scenario.ts';
import type { RemediationDeclaration } from '../../functions/domain/declaration.ts';
import {
  MAX_BREAKER_FAILURES,
  MAX_CHANGES_PER_ACCOUNT,
  MAX_CHANGES_PER_REMEDIATION,
  MAX_EXECUTIONS,
  SuturePolicy,
} from '../../functions/domain/policy.ts';

/** The highest figures that a policy may have, so that no cap and no circuit stops anything. */
export const WITHOUT_LIMITS = {
  caps: {
    perAccountAndHour: MAX_CHANGES_PER_ACCOUNT,
    perRemediationAndHour: MAX_CHANGES_PER_REMEDIATION,
    executionsPerHour: MAX_EXECUTIONS,
  },
  breaker: { failures: MAX_BREAKER_FAILURES },
};

/**
 * Returns a policy without limits: each control is `auto`, or `approve` if destructive, whoever manages the resource.
 */
export function automaticPolicy(
  remediations: readonly Pick<RemediationDeclaration, 'handles' | 'risk'>[],
): SuturePolicy {
  const controls = remediations.flatMap(({ handles, risk }) =>
    handles.controls.map((control) => [control, risk === 'destructive' ? 'approve' : 'auto'] as const),
  );
  return SuturePolicy.parse({
    version: 1,
    controls: Object.fromEntries(controls),
    whenManagedBy: 'fix',
    ...WITHOUT_LIMITS,
  });
}

/** Returns `automaticPolicy` with the parameters that remediations need to fix the resources of their scenarios. */
export function scenarioPolicy(all: readonly Scenarios[]): SuturePolicy {
  const policy = automaticPolicy(all.map(({ remediation }) => remediation));
  const rules = all.flatMap(({ remediation: { handles }, scenarios }) => {
    const params = Object.values(scenarios).find(({ arrange, expected }) => !arrange && expected === 'FIXED')?.params;
    if (!params) return [];
    return handles.controls.map((control) => [control, { mode: policy.controls[control], params }] as const);
  });
  return SuturePolicy.parse({ ...policy, controls: { ...policy.controls, ...Object.fromEntries(rules) } });
}

export const observeOnly = (policy: SuturePolicy): SuturePolicy => ({
  ...policy,
  controls: Object.fromEntries(Object.entries(policy.controls).map(([control, rule]) => [control, observedRule(rule)])),
});

type Rule = SuturePolicy['controls'][string];
type Mode = Extract<Rule, string>;

function observedRule(rule: Rule): Rule {
  if (rule === null) return 'observe';
  if (typeof rule === 'string') return observedMode(rule);
  const { mode = 'observe', accounts, ous, tags } = rule;
  return {
    ...rule,
    mode: observedMode(mode),
    ...(accounts && { accounts: observedModes(accounts) }),
    ...(ous && { ous: observedModes(ous) }),
    ...(tags && { tags: observedModes(tags) }),
  };
}

const observedMode = (mode: Mode): Mode => (mode === 'off' ? mode : 'observe');
const observedModes = (modes: Readonly<Record<string, Mode>>) =>
  Object.fromEntries(Object.entries(modes).map(([name, mode]) => [name, observedMode(mode)]));
