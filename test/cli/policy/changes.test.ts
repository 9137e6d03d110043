import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../../cli/policy/changes.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { remediations } from '../../../functions/remediations/registry.generated.ts';

type Rules = Record<string, unknown>;
const policy = (controls: Rules, more: object = {}) => SuturePolicy.parse({ version: 1, controls, ...more });
const between = (before: SuturePolicy, after: SuturePolicy) =>
  changesBetween(before, after, remediations).map(({ words, becomesAuto }) => `${becomesAuto ? '! ' : '  '}${words}`);

describe('what changes for a control is told', () => {
  it.each<[what: string, before: unknown, after: unknown, ...changes: string[]]>([
    ['everywhere', 'observe', 'auto', '! EC2.13: observe → auto'],
    ['towards less', 'auto', 'approve', '  EC2.13: auto → approve'],
    ['not, where only the form differs', 'auto', { mode: 'auto' }],
    ['by what is meant without a mode', null, 'observe', '  EC2.13: approve → observe'],
    [
      'in a unit',
      'observe',
      { mode: 'observe', ous: { '/Workloads': 'auto' } },
      '! EC2.13: observe → auto in /Workloads',
    ],
    [
      'in a unit that goes by the one above it',
      { ous: { '/Workloads': 'observe', '/Workloads/Production': 'off' } },
      { ous: { '/Workloads': 'auto' } },
      '! EC2.13: observe → auto in /Workloads',
      '! EC2.13: off → auto in /Workloads/Production',
    ],
    ['not in a unit whose own rule says what holds anyway', 'auto', { mode: 'auto', ous: { '/Training': 'auto' } }],
    [
      'in an account',
      { mode: 'off' },
      { mode: 'off', accounts: { '444444444444': 'auto' } },
      '! EC2.13: off → auto in account 444444444444',
    ],
    [
      'in an account whose rule is gone, and whose unit may make it auto',
      { mode: 'auto', ous: { '/Training': 'off' }, accounts: { '444444444444': 'off' } },
      { mode: 'auto', ous: { '/Training': 'off' } },
      '! EC2.13: off → as its unit in account 444444444444',
    ],
    [
      'where resources are tagged',
      { mode: 'auto' },
      { mode: 'auto', tags: { 'suture=skip': 'off' } },
      '  EC2.13: as untagged → off where tagged suture=skip',
    ],
    [
      'where tagged resources were spared',
      { mode: 'auto', tags: { keep: 'off' } },
      { mode: 'auto' },
      '! EC2.13: off → as untagged where tagged keep',
    ],
    ['in its parameters', 'auto', { mode: 'auto', params: { x: 1 } }, '  EC2.13: parameters {} → {"x":1}'],
  ])('%s', (_, before, after, ...changes) => {
    expect(between(policy({ 'EC2.13': before }), policy({ 'EC2.13': after }))).toEqual(changes);
  });

  it('in the order of controls, named or not', () => {
    expect(
      between(policy({ 'EC2.13': 'auto', 'KMS.4': null }), policy({ 'EC2.7': 'observe', 'EC2.2': 'auto' })),
    ).toEqual(['! EC2.2: off → auto', '  EC2.7: off → observe', '  EC2.13: auto → off', '  KMS.4: auto → off']);
  });
});

describe('what changes besides is told', () => {
  const exception = { id: 'a', reason: 'r', owner: 'o', expires: '2027-01-31', criteria: { control: 'EC2.13' } };
  const window = { id: 'night', from: '22:00', to: '04:00' };
  it.each<[what: string, before: object, after: object, ...changes: string[]]>([
    [
      'a suppression',
      {},
      { suppressions: [exception] },
      '  suppression a: new, archives {"control":"EC2.13"} until 2027-01-31',
    ],
    [
      'an exemption that ends, so that what it covered is remediated',
      { exemptions: [exception] },
      {},
      '! exemption a: gone, leaves alone {"control":"EC2.13"} until 2027-01-31',
    ],
    [
      'a longer expiry',
      { exemptions: [exception] },
      { exemptions: [{ ...exception, expires: '2027-06-30' }] },
      '  exemption a: expires 2027-01-31 → 2027-06-30',
    ],
    ['a window', { windows: [window] }, { windows: [{ ...window, to: '05:00' }] }, '  window night: to 04:00 → 05:00'],
    ['an exclusion', {}, { excludedAccounts: ['444444444444'] }, '  account 444444444444: excluded'],
    [
      'the end of an exclusion',
      { excludedAccounts: ['444444444444'] },
      {},
      '! account 444444444444: no longer excluded',
    ],
    ['a cap', {}, { caps: { perAccountAndHour: 5 } }, '  caps.perAccountAndHour: 100 → 5'],
  ])('%s', (_, before, after, ...changes) => {
    const controls = { 'EC2.13': 'auto' };
    expect(between(policy(controls, before), policy(controls, after))).toEqual(changes);
  });
});
