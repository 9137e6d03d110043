/** Groups of accounts by the effect of a policy change, the policies before and after, and the findings. */
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { automaticPolicy } from '../../simulate/policy.ts';
import type { FindingSpec } from '../mix.ts';

export const POLICY_GROUPS = ['unchanged', 'off', 'observe', 'unsuppressed'] as const;
/**
 * The mode of `unchanged` accounts stays `auto`; that of `off` and `observe` accounts changes from `auto`; the
 * suppression of `unsuppressed` accounts ends.
 */
export type PolicyGroup = (typeof POLICY_GROUPS)[number];

/** An account can have many resources of these controls. */
const CONTROLS = ['EC2.13', 'S3.8', 'KMS.4', 'EC2.19'];
const ACCOUNTS_EACH_GROUP = 10;

const accountsOf = (group: PolicyGroup): string[] => {
  const first = 300_000_000_001 + POLICY_GROUPS.indexOf(group) * ACCOUNTS_EACH_GROUP;
  return Array.from({ length: ACCOUNTS_EACH_GROUP }, (_, n) => String(first + n));
};

export const GROUP_MEMBERS = POLICY_GROUPS.flatMap((group) =>
  accountsOf(group).map((id) => ({ id, name: `${group} ${id}` })),
);

export const FINAL_POLICY = automaticPolicy(REMEDIATIONS);

export const POLICY_BEFORE = {
  ...FINAL_POLICY,
  suppressions: [
    {
      id: 'training',
      reason: 'Courses need it',
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { account: accountsOf('unsuppressed') },
    },
  ],
};

export const POLICY_AFTER = {
  ...FINAL_POLICY,
  controls: Object.fromEntries(CONTROLS.map((control) => [control, ruleAfter()])),
};

function ruleAfter() {
  const modes = (mode: 'off' | 'observe') => accountsOf(mode).map((account) => [account, mode] as const);
  return { mode: 'auto' as const, accounts: Object.fromEntries([...modes('off'), ...modes('observe')]) };
}

export type GroupFindingSpec = FindingSpec & { readonly group: PolicyGroup };

/**
 * Takes the groups, their accounts and the controls in turn.
 * @param first number of the first finding's resource
 */
export function groupFindings(count: number, first = 0): GroupFindingSpec[] {
  return Array.from({ length: count }, (_, n) => {
    const group = POLICY_GROUPS[n % POLICY_GROUPS.length]!;
    const turn = Math.floor(n / POLICY_GROUPS.length);
    const control = CONTROLS[turn % CONTROLS.length]!;
    const account = accountsOf(group)[turn % ACCOUNTS_EACH_GROUP]!;
    return { group, kind: 'faulty', resource: first + n, control, scenarioControl: control, account, events: 1 };
  });
}
