/** The policy of a simulation: everything automatic that may be, unless a file says otherwise. */

import type { Remediation } from '../../functions/contract/remediation.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';

/** More than any file holds: a simulation has no hours over which to spread. */
const NO_LIMIT = 1_000_000;

/** Every handled control `auto`, those whose remediation is destructive `approve`. */
export function everything(remediations: readonly Remediation[]): SuturePolicy {
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

/** The same policy without a write: what it would change by itself or with approval, it plans. */
export const observing = (policy: SuturePolicy): SuturePolicy => ({
  ...policy,
  controls: Object.fromEntries(Object.entries(policy.controls).map(([control, rule]) => [control, observed(rule)])),
});

type Rule = SuturePolicy['controls'][string];
type Mode = Extract<Rule, string>;

function observed(rule: Rule): Rule {
  if (rule === null) return 'observe';
  if (typeof rule === 'string') return planned(rule);
  const { mode = 'observe', accounts, ous, tags } = rule;
  return {
    ...rule,
    mode: planned(mode),
    ...(accounts && { accounts: each(accounts) }),
    ...(ous && { ous: each(ous) }),
    ...(tags && { tags: each(tags) }),
  };
}

const planned = (mode: Mode): Mode => (mode === 'off' ? mode : 'observe');
const each = (modes: Readonly<Record<string, Mode>>) =>
  Object.fromEntries(Object.entries(modes).map(([name, mode]) => [name, planned(mode)]));
