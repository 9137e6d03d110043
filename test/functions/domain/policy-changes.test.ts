import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decisionOn, Mode, modeByTags, SuturePolicy } from '../../../functions/domain/policy.ts';
import { policyChanges } from '../../../functions/domain/policy-changes.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

type Rules = Record<string, unknown>;
const policy = (controls: Rules, more: object = {}) => SuturePolicy.parse({ version: 1, controls, ...more });
const between = (before: SuturePolicy, after: SuturePolicy) =>
  policyChanges(before, after, REMEDIATIONS).map(({ text, widens }) => `${widens ? '! ' : '  '}${text}`);

describe('policyChanges of a control', () => {
  it.each<[what: string, before: unknown, after: unknown, ...changes: string[]]>([
    ['reports a mode everywhere', 'observe', 'auto', '! EC2.13: observe → auto'],
    ['reports a weaker mode', 'auto', 'approve', '  EC2.13: auto → approve'],
    ['ignores a different form of the same mode', 'auto', { mode: 'auto' }],
    [
      'marks an approved mode, because Suture wrote nothing before',
      'observe',
      'approve',
      '! EC2.13: observe → approve',
    ],
    ['does not mark observing, which writes nothing', 'off', 'observe', '  EC2.13: off → observe'],
    ['takes the default mode for a rule without a mode', null, 'observe', '  EC2.13: approve → observe'],
    [
      'reports a mode in a unit',
      'observe',
      { mode: 'observe', ous: { '/Workloads': 'auto' } },
      '! EC2.13: observe → auto in /Workloads',
    ],
    [
      'reports a mode in a unit that inherits it from its parent',
      { ous: { '/Workloads': 'observe', '/Workloads/Production': 'off' } },
      { ous: { '/Workloads': 'auto' } },
      '! EC2.13: observe → auto in /Workloads',
      '! EC2.13: off → auto in /Workloads/Production',
    ],
    ['ignores a rule of a unit that repeats the mode', 'auto', { mode: 'auto', ous: { '/Training': 'auto' } }],
    [
      'reports a mode in an account',
      { mode: 'off' },
      { mode: 'off', accounts: { '444444444444': 'auto' } },
      '! EC2.13: off → auto in account 444444444444',
    ],
    [
      'marks an account without a rule that may become auto by its unit',
      { mode: 'auto', ous: { '/Training': 'off' }, accounts: { '444444444444': 'off' } },
      { mode: 'auto', ous: { '/Training': 'off' } },
      '! EC2.13: off → as its unit in account 444444444444',
    ],
    [
      'reports a mode for tagged resources',
      { mode: 'auto' },
      { mode: 'auto', tags: { 'suture=skip': 'off' } },
      '  EC2.13: as untagged → off where tagged suture=skip',
    ],
    [
      'marks tagged resources that were left alone before',
      { mode: 'auto', tags: { keep: 'off' } },
      { mode: 'auto' },
      '! EC2.13: off → as untagged where tagged keep',
    ],
    [
      'marks the end of a tag rule if another tag of the resource may decide',
      { mode: 'off', tags: { keep: 'off', dev: 'auto' } },
      { mode: 'off', tags: { dev: 'auto' } },
      '! EC2.13: off → as untagged where tagged keep',
    ],
    ['marks its parameters', 'auto', { mode: 'auto', params: { x: 1 } }, '! EC2.13: parameters {} → {"x":1}'],
    [
      'does not mark parameters of a control that writes nothing',
      'observe',
      { mode: 'observe', params: { x: 1 } },
      '  EC2.13: parameters {} → {"x":1}',
    ],
    [
      'shows parameters with a mode that brings them into effect',
      { mode: 'observe', params: { x: 1 } },
      { mode: 'auto', params: { x: 1 } },
      '! EC2.13: observe → auto, with parameters {"x":1}',
    ],
  ])('%s', (_, before, after, ...changes) => {
    expect(between(policy({ 'EC2.13': before }), policy({ 'EC2.13': after }))).toEqual(changes);
  });

  it('marks a mode that follows from the risk of the change', () => {
    const varying = REMEDIATIONS.map((each) => ({ ...each, riskOf: () => 'safe' as const }));
    const lines = (before: unknown, after: unknown) =>
      policyChanges(policy({ 'EC2.13': before }), policy({ 'EC2.13': after }), varying).map(
        ({ text, widens }) => `${widens ? '! ' : '  '}${text}`,
      );
    expect(lines('approve', null)).toEqual(['! EC2.13: approve → by risk']);
    expect(lines(null, 'auto')).toEqual(['! EC2.13: by risk → auto']);
    expect(lines(null, 'approve')).toEqual(['  EC2.13: by risk → approve']);
  });

  it('sorts controls by service and number', () => {
    expect(
      between(policy({ 'EC2.13': 'auto', 'RDS.8': null }), policy({ 'EC2.7': 'observe', 'EC2.2': 'auto' })),
    ).toEqual(['! EC2.2: off → auto', '  EC2.7: off → observe', '  EC2.13: auto → off', '  RDS.8: auto → off']);
  });
});

describe('policyChanges of the rest', () => {
  const exception = { id: 'a', reason: 'r', owner: 'o', expires: '2027-01-31', criteria: { control: 'EC2.13' } };
  const window = { id: 'night', from: '22:00', to: '04:00' };
  it.each<[what: string, before: object, after: object, ...changes: string[]]>([
    [
      'marks a suppression, because it archives',
      {},
      { suppressions: [exception] },
      '! suppression a: new, archives {"control":"EC2.13"} until 2027-01-31',
    ],
    [
      'marks an exemption that ends, because its findings are remediated',
      { exemptions: [exception] },
      {},
      '! exemption a: gone, leaves alone {"control":"EC2.13"} until 2027-01-31',
    ],
    [
      'marks a longer suppression',
      { suppressions: [exception] },
      { suppressions: [{ ...exception, expires: '2027-06-30' }] },
      '! suppression a: expires 2027-01-31 → 2027-06-30',
    ],
    [
      'marks a shorter exemption',
      { exemptions: [exception] },
      { exemptions: [{ ...exception, expires: '2027-01-30' }] },
      '! exemption a: expires 2027-01-31 → 2027-01-30',
    ],
    [
      'reports another reason',
      { suppressions: [exception] },
      { suppressions: [{ ...exception, reason: 's' }] },
      '  suppression a: reason r → s',
    ],
    [
      'reports a longer exemption',
      { exemptions: [exception] },
      { exemptions: [{ ...exception, expires: '2027-06-30' }] },
      '  exemption a: expires 2027-01-31 → 2027-06-30',
    ],
    [
      'marks a longer window',
      { windows: [window] },
      { windows: [{ ...window, to: '05:00' }] },
      '! window night: to 04:00 → 05:00',
    ],
    [
      'marks a second window, which opens another time',
      { windows: [window] },
      { windows: [window, { ...window, id: 'noon', from: '12:00', to: '13:00' }] },
      '! window noon: new, {"id":"noon","days":["mon","tue","wed","thu","fri","sat","sun"],"from":"12:00","to":"13:00","timezone":"UTC"}',
    ],
    [
      'reports the first window, which only closes',
      {},
      { windows: [window] },
      '  window night: new, {"id":"night","days":["mon","tue","wed","thu","fri","sat","sun"],"from":"22:00","to":"04:00","timezone":"UTC"}',
    ],
    ['reports an exclusion', {}, { excludedAccounts: ['444444444444'] }, '  account 444444444444: excluded'],
    [
      'marks the end of an exclusion',
      { excludedAccounts: ['444444444444'] },
      {},
      '! account 444444444444: no longer excluded',
    ],
    ['marks a higher cap', {}, { caps: { perAccountAndHour: 500 } }, '! caps.perAccountAndHour: 100 → 500'],
    ['marks a breaker that tolerates more', {}, { breaker: { failures: 11 } }, '! breaker.failures: 10 → 11'],
    ['marks a breaker that closes sooner', {}, { breaker: { minutes: 14 } }, '! breaker.minutes: 15 → 14'],
    ['reports a stricter breaker', {}, { breaker: { minutes: 30 } }, '  breaker.minutes: 15 → 30'],
    ['marks longer approvals', {}, { approvals: { validHours: 25 } }, '! approvals.validHours: 24 → 25'],
    ['reports a lower cap', {}, { caps: { perAccountAndHour: 5 } }, '  caps.perAccountAndHour: 100 → 5'],
  ])('%s', (_, before, after, ...changes) => {
    const controls = { 'EC2.13': 'auto' };
    expect(between(policy(controls, before), policy(controls, after))).toEqual(changes);
  });
});

describe('no change is unmarked', () => {
  const UNITS = ['/A', '/A/B', '/C'];
  const ACCOUNTS = ['111111111111', '222222222222'];
  const TAGS = ['dev', 'keep', 'prod'];
  const mode = fc.constantFrom(...Mode.options);
  const rules = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), mode, { maxKeys: names.length });
  const rule = fc.record({ mode, ous: rules(UNITS), accounts: rules(ACCOUNTS), tags: rules(TAGS) });
  const rank = (of: Mode) => Math.max(1, Mode.options.indexOf(of));
  const subsets = Array.from({ length: 2 ** TAGS.length }, (_, bits) =>
    Object.fromEntries(TAGS.filter((__, n) => bits & (2 ** n)).map((tag) => [tag, ''])),
  );
  const members = [...ACCOUNTS, '333333333333'].flatMap((account) =>
    ['/', ...UNITS, '/A/B/D', '/E'].map((ouPath) => ({ account, ouPath })),
  );
  const modeFor = (of: SuturePolicy, member: (typeof members)[number], tags: Record<string, string>) => {
    const decision = decisionOn(of, 'EC2.13', 'disruptive', member);
    return modeByTags(decision.tags, tags)?.mode ?? decision.mode;
  };

  it('that permits a write in any account, unit and combination of tags', () => {
    fc.assert(
      fc.property(rule, rule, (one, other) => {
        const [before, after] = [policy({ 'EC2.13': one }), policy({ 'EC2.13': other })];
        const permitsMore = members.some((member) =>
          subsets.some((tags) => rank(modeFor(after, member, tags)) > rank(modeFor(before, member, tags))),
        );
        if (permitsMore) expect(policyChanges(before, after, REMEDIATIONS).some(({ widens }) => widens)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

it('policyChanges names owners part by part, and marks none', () => {
  const before = policy({}, { owners: { shop: { slack: '#shop', tags: ['a'] }, old: { mail: 'a@example.com' } } });
  const after = policy(
    {},
    {
      owners: { shop: { slack: '#web', tags: ['a'] }, new: { jira: 'NEW', accounts: ['444444444444'] } },
      ownerTags: { keys: ['owner'], domains: ['example.com'] },
    },
  );
  const lines = policyChanges(before, after, REMEDIATIONS).map(({ text, widens }) => `${widens ? '!' : ' '} ${text}`);
  expect(lines).toEqual([
    '  owner shop: slack #shop → #web',
    '  owner old: gone, {mail:a@example.com}',
    '  owner new: new, {jira:NEW,accounts:[444444444444]}',
    '  tags of resources that name an owner: none → owner',
    '  domains of addresses that member accounts may name as owners: none → example.com',
  ]);
});

describe('policyChanges of the time that owners have', () => {
  const of = (grace: unknown, rule?: unknown) => policy({ 'EC2.13': { mode: 'auto', grace: rule } }, { grace });
  it.each<[what: string, before: SuturePolicy, after: SuturePolicy, ...changes: string[]]>([
    ['does not mark the first rule', of(undefined), of('7d'), '  every control: time for owners: not said → 7d'],
    ['marks less time, and none', of('7d'), of('36h'), '! every control: time for owners: 7d → 36h'],
    ['marks the end of a rule', of('7d'), of(undefined), '! every control: time for owners: 7d → not said'],
    [
      'marks a rule of a control that gives less than the one for all',
      of('7d'),
      of('7d', '0d'),
      '! EC2.13: time for owners: not said → 0d',
    ],
    [
      'names severity, unit and account',
      of({ for: '7d', severities: { LOW: '7d' }, ous: { '/Dev': '1d' }, accounts: { '444444444444': '2d' } }),
      of({ for: '7d', severities: { LOW: '9d' }, ous: { '/Dev': '1h' } }),
      '  every control: time for owners at LOW: 7d → 9d',
      '! every control: time for owners in /Dev: 1d → 1h',
      '! every control: time for owners in account 444444444444: 2d → not said',
    ],
    ['ignores another form of the same rule', of('7d'), of({ for: '7d' })],
  ])('%s', (_, before, after, ...changes) => {
    const lines = policyChanges(before, after, REMEDIATIONS).map(({ text, widens }) => `${widens ? '!' : ' '} ${text}`);
    expect(lines).toEqual(changes);
  });
});

describe('policyChanges of resources that code manages', () => {
  const AUTO = { 'EC2.13': 'auto' };
  const rule = (whenManagedBy: unknown) => policy({ 'EC2.13': { mode: 'auto', whenManagedBy } });
  it.each<[what: string, before: SuturePolicy, after: SuturePolicy, ...changes: string[]]>([
    [
      'marks a fix instead of the default',
      policy(AUTO),
      policy(AUTO, { whenManagedBy: { cloudformation: 'fix' } }),
      '! every control: managed by cloudformation: not said → fix',
    ],
    [
      'does not mark a rule that is stricter than all before',
      policy(AUTO, { whenManagedBy: { other: 'approve' } }),
      policy(AUTO, { whenManagedBy: { other: 'refuse' } }),
      '  every control: managed by other: approve → refuse',
    ],
    [
      'marks the end of a rule of a control if the rule for all permits more',
      policy({ 'EC2.13': { mode: 'auto', whenManagedBy: { terraform: 'refuse' } } }),
      policy(AUTO),
      '! EC2.13: managed by terraform: refuse → not said',
    ],
    [
      'names unit, account and tag',
      rule({ ous: { '/Dev': 'notify' }, accounts: { '444444444444': 'fix' }, tags: { team: { other: 'fix' } } }),
      rule({ ous: { '/Dev': { terraform: 'fix', cloudformation: 'notify', other: 'notify' } } }),
      '! EC2.13: managed by terraform: notify → fix in /Dev',
      '  EC2.13: managed by cloudformation: fix → not said in account 444444444444',
      '  EC2.13: managed by terraform: fix → not said in account 444444444444',
      '  EC2.13: managed by other: fix → not said in account 444444444444',
      '  EC2.13: managed by other: fix → not said where tagged team',
    ],
    [
      'ignores another form of the same rule',
      rule('fix'),
      rule({ cloudformation: 'fix', terraform: 'fix', other: 'fix' }),
    ],
    [
      'marks tags by which fewer resources are recognized',
      policy(AUTO, { managedTags: { terraform: ['tf', 'ManagedBy=terraform'] } }),
      policy(AUTO, { managedTags: { terraform: ['tf'], other: ['pulumi'] } }),
      '! tags of resources that Terraform manages: tf, ManagedBy=terraform → tf',
      '  tags of resources that other code manages: not said → pulumi',
    ],
    [
      'marks tags in place of the usual ones, and none',
      policy(AUTO),
      policy(AUTO, { managedTags: { terraform: [] } }),
      '! tags of resources that Terraform manages: not said → none',
    ],
  ])('%s', (_, before, after, ...changes) => {
    expect(between(before, after)).toEqual(changes);
  });
});
