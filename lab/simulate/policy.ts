import type { Remediation } from '../../functions/contract/remediation.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';

const NO_LIMIT = 1_000_000;

/** Every control is `auto`, or `approve` if its remediation is destructive; without caps. */
export function automaticPolicy(remediations: readonly Remediation[]): SuturePolicy {
  const controls = remediations.flatMap(({ handles, risk }) =>
    handles.controls.map((control) => [control, risk === 'destructive' ? 'approve' : 'auto'] as const),
  );
  return SuturePolicy.parse({
    version: 1,
    controls: Object.fromEntries(controls),
    caps: { perAccountAndHour: NO_LIMIT, perRemediationAndHour: NO_LIMIT, executionsPerHour: NO_LIMIT },
    breaker: { failures: NO_LIMIT },
  });
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
