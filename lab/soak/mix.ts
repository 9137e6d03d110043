import type { Remediation } from '../../functions/contract/remediation.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { randomness } from '../../sandbox/kernel/random.ts';
import type { MemberAccount } from '../organization/organization.ts';
import { scenarioPolicy, WITHOUT_LIMITS } from '../simulate/policy.ts';

export const SOAK_OUTCOMES = [
  'fixed',
  'compliant',
  'refused',
  'archived',
  'ignored',
  'rejected',
  'duplicate',
  'waiting',
  'failed',
] as const;
export type SoakOutcome = (typeof SOAK_OUTCOMES)[number];

export type FindingKind = keyof typeof FINDING_KINDS;

/** Relative frequency, possible outcomes of the events, and the workflow status afterwards. */
export const FINDING_KINDS = {
  faulty: { weight: 40, outcomes: ['fixed', 'compliant'], status: 'NOTIFIED' },
  /** One resource under four controls, of three remediations. */
  shared: { weight: 5, outcomes: ['fixed', 'compliant'], status: 'NOTIFIED' },
  repeated: { weight: 3, outcomes: ['fixed', 'compliant', 'duplicate'], status: 'NOTIFIED' },
  suppressed: { weight: 25, outcomes: ['archived'], status: 'SUPPRESSED' },
  off: { weight: 6, outcomes: ['ignored'], status: 'NEW' },
  /** No remediation handles its control, so no rule matches. */
  unhandled: { weight: 6, outcomes: ['ignored'], status: 'NEW' },
  /** Its id names another account than AwsAccountId. */
  forged: { weight: 5, outcomes: ['rejected'], status: 'NEW' },
  destructive: { weight: 5, outcomes: ['waiting'], status: 'NOTIFIED' },
  withoutRole: { weight: 5, outcomes: ['failed'], status: 'NEW' },
} as const satisfies Record<string, { weight: number; outcomes: readonly SoakOutcome[]; status: string }>;

export type FindingSpec = {
  readonly kind: FindingKind;
  readonly resource: number;
  readonly control: string;
  readonly scenarioControl: string;
  readonly account: string;
  readonly events: number;
};

const OFF_ACCOUNT = '300000000047';
const SUPPRESSED_ACCOUNT = '300000000048';
const ACCOUNTS_WITHOUT_ROLE = ['300000000049', '300000000050'];
const ORDINARY_ACCOUNTS = Array.from({ length: 46 }, (_, n) => String(300_000_000_001 + n));

/**
 * Fifty accounts: one with policy off, one with suppressed findings, two without the member role, and ordinary ones.
 */
export const SOAK_MEMBERS: readonly MemberAccount[] = [
  ...[...ORDINARY_ACCOUNTS, OFF_ACCOUNT, SUPPRESSED_ACCOUNT].map((id) => ({ id, name: `account ${id}` })),
  ...ACCOUNTS_WITHOUT_ROLE.map((id) => ({ id, name: `account ${id}`, withoutRole: true as const })),
];

const GROUP_CONTROLS = ['EC2.13', 'EC2.14', 'EC2.18', 'EC2.19'];
const controlsWhere = (condition: (remediation: Remediation) => boolean): string[] =>
  REMEDIATIONS.filter(condition).flatMap(({ handles }) => handles.controls);
const AUTOMATIC_CONTROLS = controlsWhere(({ risk }) => risk !== 'destructive');
const DESTRUCTIVE_CONTROLS = controlsWhere(({ risk }) => risk === 'destructive');

/** Returns at least `events` events. A kind with several events is never cut off. */
export function findingMix(seed: number, events: number): FindingSpec[] {
  const { random } = randomness(seed);
  const chooseOne: ChooseOne = (items) => items[Math.floor(random() * items.length)]!;
  const specs: FindingSpec[] = [];
  let received = 0;
  for (let resource = 0; received < events; resource++) {
    const added = specsOf(kindFor(random()), resource, chooseOne);
    received += added.reduce((sum, each) => sum + each.events, 0);
    specs.push(...added);
  }
  return specs;
}

type ChooseOne = <T>(items: readonly T[]) => T;

function specsOf(kind: FindingKind, resource: number, chooseOne: ChooseOne): FindingSpec[] {
  const spec = (control: string, account: string, more: Partial<FindingSpec> = {}): FindingSpec => ({
    kind,
    resource,
    control,
    scenarioControl: control,
    account,
    events: 1,
    ...more,
  });
  switch (kind) {
    case 'shared': {
      const account = chooseOne(ORDINARY_ACCOUNTS);
      return GROUP_CONTROLS.map((control) => spec(control, account, { scenarioControl: 'EC2.13' }));
    }
    case 'repeated':
      return [spec(chooseOne(AUTOMATIC_CONTROLS), chooseOne(ORDINARY_ACCOUNTS), { events: 10 })];
    case 'suppressed':
      return [spec('EC2.13', SUPPRESSED_ACCOUNT)];
    case 'off':
      return [spec('EC2.13', OFF_ACCOUNT)];
    case 'unhandled':
      return [spec('EC2.999', chooseOne(ORDINARY_ACCOUNTS), { scenarioControl: 'EC2.13' })];
    case 'forged':
      return [spec('EC2.13', chooseOne(ORDINARY_ACCOUNTS))];
    case 'destructive':
      return [spec(chooseOne(DESTRUCTIVE_CONTROLS), chooseOne(ORDINARY_ACCOUNTS))];
    case 'withoutRole':
      return [spec('EC2.13', chooseOne(ACCOUNTS_WITHOUT_ROLE))];
    default:
      return [spec(chooseOne(AUTOMATIC_CONTROLS), chooseOne(ORDINARY_ACCOUNTS))];
  }
}

const TOTAL_WEIGHT = Object.values(FINDING_KINDS).reduce((sum, { weight }) => sum + weight, 0);

function kindFor(chance: number): FindingKind {
  let left = chance * TOTAL_WEIGHT;
  for (const [kind, { weight }] of Object.entries(FINDING_KINDS)) {
    left -= weight;
    if (left < 0) return kind as FindingKind;
  }
  return 'faulty';
}

export const SOAK_POLICY = {
  version: 1,
  controls: Object.fromEntries(Object.entries(scenarioPolicy(SCENARIOS).controls).map(withOffAccount)),
  suppressions: [
    {
      id: 'training',
      reason: 'Courses need open ports',
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { account: SUPPRESSED_ACCOUNT },
    },
  ],
  ...WITHOUT_LIMITS,
};

type Rule = SuturePolicy['controls'][string];

function withOffAccount([control, rule]: [string, Rule]): [string, Rule] {
  const fields = typeof rule === 'string' ? { mode: rule } : rule;
  return [control, { ...fields, accounts: { [OFF_ACCOUNT]: 'off' } }];
}
