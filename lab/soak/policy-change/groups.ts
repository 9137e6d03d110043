/** Accounts by what a change of policy means to them, the two policies, and the findings that come before and after. */
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { everything } from '../../simulate/policy.ts';
import type { Planned } from '../mix.ts';

export const GROUPS = ['stays', 'off', 'observe', 'takenBack'] as const;
/** Of an account: `auto` before and after; `auto` and then `off` or `observe`; or its suppression is taken back. */
export type Group = (typeof GROUPS)[number];

/** Controls whose cases make a resource each, of which an account can have many. */
const CONTROLS = ['EC2.13', 'S3.8', 'KMS.4', 'EC2.19'];
const ACCOUNTS_EACH = 10;

const accountsOf = (group: Group): string[] =>
  Array.from({ length: ACCOUNTS_EACH }, (_, n) => String(300_000_000_001 + GROUPS.indexOf(group) * ACCOUNTS_EACH + n));

export const MEMBERS = GROUPS.flatMap((group) => accountsOf(group).map((id) => ({ id, name: `${group} ${id}` })));

const AUTO = everything(remediations);

/** Everything automatic, but one group's findings suppressed. */
export const BEFORE = {
  ...AUTO,
  suppressions: [
    {
      id: 'training',
      reason: 'Courses need it',
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { account: accountsOf('takenBack') },
    },
  ],
};

/** One group off, one observed, and the suppression taken back. */
export const AFTER = { ...AUTO, controls: Object.fromEntries(CONTROLS.map((control) => [control, rule()])) };

/** What makes it right in the end: everything automatic. */
export const AT_LAST = AUTO;

function rule() {
  const all = (group: Group, mode: 'off' | 'observe') => accountsOf(group).map((account) => [account, mode] as const);
  return {
    mode: 'auto' as const,
    accounts: Object.fromEntries([...all('off', 'off'), ...all('observe', 'observe')]),
  };
}

export type Arriving = Planned & { readonly group: Group };

/** So many findings, the groups, their accounts and the controls in turn; `first` is the number of the first resource. */
export function arriving(count: number, first = 0): Arriving[] {
  return Array.from({ length: count }, (_, n) => {
    const group = GROUPS[n % GROUPS.length]!;
    const turn = Math.floor(n / GROUPS.length);
    const control = CONTROLS[turn % CONTROLS.length]!;
    const account = accountsOf(group)[turn % ACCOUNTS_EACH]!;
    return { group, kind: 'faulty', resource: first + n, control, madeAs: control, account, events: 1 };
  });
}
