import { describe, expect, it } from 'vitest';
import { policyChanges } from '../../../cli/policy/changes.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

type Rules = Record<string, unknown>;
const policy = (controls: Rules, more: object = {}) => SuturePolicy.parse({ version: 1, controls, ...more });
const between = (before: SuturePolicy, after: SuturePolicy) =>
  policyChanges(before, after, REMEDIATIONS).map(({ text, becomesAuto }) => `${becomesAuto ? '! ' : '  '}${text}`);

describe('policyChanges of a control', () => {
  it.each<[what: string, before: unknown, after: unknown, ...changes: string[]]>([
    ['reports a mode everywhere', 'observe', 'auto', '! EC2.13: observe → auto'],
    ['reports a weaker mode', 'auto', 'approve', '  EC2.13: auto → approve'],
    ['ignores a different form of the same mode', 'auto', { mode: 'auto' }],
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
    ['reports its parameters', 'auto', { mode: 'auto', params: { x: 1 } }, '  EC2.13: parameters {} → {"x":1}'],
  ])('%s', (_, before, after, ...changes) => {
    expect(between(policy({ 'EC2.13': before }), policy({ 'EC2.13': after }))).toEqual(changes);
  });

  it('sorts controls by service and number', () => {
    expect(
      between(policy({ 'EC2.13': 'auto', 'KMS.4': null }), policy({ 'EC2.7': 'observe', 'EC2.2': 'auto' })),
    ).toEqual(['! EC2.2: off → auto', '  EC2.7: off → observe', '  EC2.13: auto → off', '  KMS.4: auto → off']);
  });
});

describe('policyChanges of the rest', () => {
  const exception = { id: 'a', reason: 'r', owner: 'o', expires: '2027-01-31', criteria: { control: 'EC2.13' } };
  const window = { id: 'night', from: '22:00', to: '04:00' };
  it.each<[what: string, before: object, after: object, ...changes: string[]]>([
    [
      'reports a suppression',
      {},
      { suppressions: [exception] },
      '  suppression a: new, archives {"control":"EC2.13"} until 2027-01-31',
    ],
    [
      'marks an exemption that ends, because its findings are remediated',
      { exemptions: [exception] },
      {},
      '! exemption a: gone, leaves alone {"control":"EC2.13"} until 2027-01-31',
    ],
    [
      'reports a longer expiry',
      { exemptions: [exception] },
      { exemptions: [{ ...exception, expires: '2027-06-30' }] },
      '  exemption a: expires 2027-01-31 → 2027-06-30',
    ],
    [
      'reports a window',
      { windows: [window] },
      { windows: [{ ...window, to: '05:00' }] },
      '  window night: to 04:00 → 05:00',
    ],
    ['reports an exclusion', {}, { excludedAccounts: ['444444444444'] }, '  account 444444444444: excluded'],
    [
      'marks the end of an exclusion',
      { excludedAccounts: ['444444444444'] },
      {},
      '! account 444444444444: no longer excluded',
    ],
    ['reports a cap', {}, { caps: { perAccountAndHour: 5 } }, '  caps.perAccountAndHour: 100 → 5'],
  ])('%s', (_, before, after, ...changes) => {
    const controls = { 'EC2.13': 'auto' };
    expect(between(policy(controls, before), policy(controls, after))).toEqual(changes);
  });
});
