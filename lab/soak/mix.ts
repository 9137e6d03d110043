/** Findings of every kind, by chance from a seed: what is received, and how each may end. */
import type { Remediation } from '../../functions/contract/remediation.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { randomness } from '../../sandbox/kernel/random.ts';
import type { Member } from '../organization/organization.ts';

/** What became of an event; every event has exactly one of them. */
export const ENDS = [
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
export type End = (typeof ENDS)[number];

export type Kind = keyof typeof KINDS;

/** How often each kind comes, how its events may end, and the workflow status that Security Hub then has. */
export const KINDS = {
  /** One resource, one control, one event. */
  faulty: { weight: 40, ends: ['fixed', 'compliant'], status: 'NOTIFIED' },
  /** One resource under four controls, of three remediations. */
  shared: { weight: 5, ends: ['fixed', 'compliant'], status: 'NOTIFIED' },
  /** Ten events of one finding. */
  repeated: { weight: 3, ends: ['fixed', 'compliant', 'duplicate'], status: 'NOTIFIED' },
  /** Accepted by policy. */
  suppressed: { weight: 25, ends: ['archived'], status: 'SUPPRESSED' },
  /** Policy says off in the account. */
  off: { weight: 6, ends: ['ignored'], status: 'NEW' },
  /** A control that nothing handles: no rule lets it through. */
  unhandled: { weight: 6, ends: ['ignored'], status: 'NEW' },
  /** Its id names another account than it says. */
  forged: { weight: 5, ends: ['rejected'], status: 'NEW' },
  /** A person must agree. */
  destructive: { weight: 5, ends: ['waiting'], status: 'NOTIFIED' },
  /** The member role is not there. */
  outOfReach: { weight: 5, ends: ['failed'], status: 'NEW' },
} as const satisfies Record<string, { weight: number; ends: readonly End[]; status: string }>;

/** One finding to be made; those of one resource share its number. */
export type Planned = {
  readonly kind: Kind;
  readonly resource: number;
  readonly control: string;
  /** The control whose case makes the resource. */
  readonly madeAs: string;
  readonly account: string;
  readonly events: number;
};

const OFF = '300000000047';
const TRAINING = '300000000048';
const OUT_OF_REACH = ['300000000049', '300000000050'];
const ORDINARY = Array.from({ length: 46 }, (_, n) => String(300_000_000_001 + n));

/** Fifty accounts: where policy is off, where findings are suppressed, two that the role has not reached, and ordinary ones. */
export const SOAKED: readonly Member[] = [
  ...[...ORDINARY, OFF, TRAINING].map((id) => ({ id, name: `account ${id}` })),
  ...OUT_OF_REACH.map((id) => ({ id, name: `account ${id}`, withoutRole: true as const })),
];

const FOUR = ['EC2.13', 'EC2.14', 'EC2.18', 'EC2.19'];
const controlsWith = (risky: boolean) =>
  remediations.filter(({ risk }) => (risk === 'destructive') === risky).flatMap(({ handles }) => handles.controls);
const HARMLESS = controlsWith(false);
const DESTRUCTIVE = controlsWith(true);

/** At least so many events; a kind that comes as several is not cut off. */
export function mixOf(seed: number, events: number): Planned[] {
  const { random } = randomness(seed);
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const planned: Planned[] = [];
  let received = 0;
  for (let resource = 0; received < events; resource++) {
    const made = planOf(weighted(random()), resource, one);
    received += made.reduce((sum, each) => sum + each.events, 0);
    planned.push(...made);
  }
  return planned;
}

function planOf(kind: Kind, resource: number, one: <T>(of: readonly T[]) => T): Planned[] {
  const plan = (control: string, account: string, more: Partial<Planned> = {}): Planned => ({
    kind,
    resource,
    control,
    madeAs: control,
    account,
    events: 1,
    ...more,
  });
  switch (kind) {
    case 'shared': {
      const account = one(ORDINARY);
      return FOUR.map((control) => plan(control, account, { madeAs: 'EC2.13' }));
    }
    case 'repeated':
      return [plan(one(HARMLESS), one(ORDINARY), { events: 10 })];
    case 'suppressed':
      return [plan('EC2.13', TRAINING)];
    case 'off':
      return [plan('EC2.13', OFF)];
    case 'unhandled':
      return [plan('EC2.999', one(ORDINARY), { madeAs: 'EC2.13' })];
    case 'forged':
      return [plan('EC2.13', one(ORDINARY))];
    case 'destructive':
      return [plan(one(DESTRUCTIVE), one(ORDINARY))];
    case 'outOfReach':
      return [plan('EC2.13', one(OUT_OF_REACH))];
    default:
      return [plan(one(HARMLESS), one(ORDINARY))];
  }
}

const TOTAL = Object.values(KINDS).reduce((sum, { weight }) => sum + weight, 0);

function weighted(chance: number): Kind {
  let left = chance * TOTAL;
  for (const [kind, { weight }] of Object.entries(KINDS)) {
    left -= weight;
    if (left < 0) return kind as Kind;
  }
  return 'faulty';
}

const NO_LIMIT = 1_000_000;

/** What policy must say for the kinds to end so. */
export const POLICY = {
  version: 1,
  controls: Object.fromEntries(remediations.flatMap(controlRules)),
  suppressions: [
    {
      id: 'training',
      reason: 'Courses need open ports',
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { account: TRAINING },
    },
  ],
  caps: { perAccountAndHour: NO_LIMIT, perRemediationAndHour: NO_LIMIT, executionsPerHour: NO_LIMIT },
  breaker: { failures: NO_LIMIT },
};

function controlRules({ handles, risk }: Remediation) {
  const mode = risk === 'destructive' ? 'approve' : 'auto';
  return handles.controls.map((control) => [control, { mode, accounts: { [OFF]: 'off' } }]);
}
