import { describe, expect, it } from 'vitest';
import { decisionOn, outsideWindows, SuturePolicy } from '../../../functions/domain/policy.ts';
import { namedUnits, withGoneUnits } from '../../../functions/domain/policy-units.ts';

const ROOT = 'r-ab12';
const PRODUCTION = 'ou-ab12-11111111';
const SANDBOX = 'ou-ab12-22222222';
const KNOWN = { '/Production': PRODUCTION, '/Sandbox': SANDBOX };
const member = (unitIds: string[], ouPath: string) => ({
  account: '333333333333',
  unitIds: [ROOT, ...unitIds],
  ouPath,
});
const policy = (rule: object, more: object = {}) =>
  SuturePolicy.parse({ version: 1, controls: { 'EC2.13': rule }, units: KNOWN, ...more });
const modeOf = (given: SuturePolicy, known: Record<string, string> | undefined, of = member([], '/')) =>
  decisionOn(withGoneUnits(given, known), 'EC2.13', 'disruptive', of).mode;

describe('a rule of a unit', () => {
  const rule = { mode: 'auto', ous: { '/Production': 'approve' } };
  it('follows a renamed unit', () => {
    const renamed = { '/Prod': PRODUCTION, '/Sandbox': SANDBOX };
    expect(modeOf(policy(rule), renamed, member([PRODUCTION], '/Prod'))).toBe('approve');
  });
  it('does not apply to another unit that gets the name', () => {
    const swapped = { '/Production': SANDBOX, '/Old': PRODUCTION };
    expect(modeOf(policy(rule), swapped, member([SANDBOX], '/Production'))).toBe('auto');
  });
  it('of the innermost unit applies, by the current hierarchy', () => {
    const both = policy({ mode: 'off', ous: { '/Production': 'auto', '/Sandbox': 'observe' } });
    expect(modeOf(both, KNOWN, member([SANDBOX, PRODUCTION], '/Sandbox/Production'))).toBe('auto');
    expect(modeOf(both, KNOWN, member([PRODUCTION, SANDBOX], '/Production/Sandbox'))).toBe('observe');
  });
  it('applies by path in a policy without unit ids', () => {
    const installed = { ...policy(rule), units: undefined };
    expect(modeOf(installed, undefined, member([], '/Production/Shop'))).toBe('approve');
    expect(modeOf(installed, KNOWN, member([], '/Production/Shop'))).toBe('approve');
  });
});

describe('a unit that is gone', () => {
  const WITHOUT = { '/Sandbox': SANDBOX };
  const rule = {
    mode: 'auto',
    ous: { '/Production': 'approve', '/Sandbox': 'auto' },
    accounts: { '444444444444': 'auto' },
  };
  it('makes the strictest mode of its control count for every account that no other rule names', () => {
    expect(modeOf(policy(rule), WITHOUT)).toBe('approve');
    expect(modeOf(policy(rule), WITHOUT, member([SANDBOX], '/Sandbox'))).toBe('auto');
    expect(modeOf(policy(rule), WITHOUT, { ...member([], '/'), account: '444444444444' })).toBe('auto');
    expect(modeOf(policy(rule), KNOWN)).toBe('auto');
  });
  it('does so for modes of other rules, and for the mode that follows from the risk', () => {
    expect(modeOf(policy({ ous: { '/Production': 'auto' } }), WITHOUT)).toBe('approve');
    expect(modeOf(policy({ mode: 'auto', ous: { '/Production': 'auto', '/Sandbox': 'off' } }), WITHOUT)).toBe('off');
  });
  it('is recognized by its id, also if another unit has its path', () => {
    expect(modeOf(policy(rule), { '/Production': 'ou-ab12-33333333', '/Sandbox': SANDBOX })).toBe('approve');
  });
  it('is named in the reason', () => {
    const { because } = decisionOn(withGoneUnits(policy(rule), WITHOUT), 'EC2.13', 'disruptive', member([], '/'));
    expect(because).toContain('/Production');
  });
  it('applies its window to every account that no other window names', () => {
    const windows = [
      { id: 'nights', from: '22:00', to: '04:00', ous: ['/Production'] },
      { id: 'noon', from: '12:00', to: '13:00', ous: ['/Sandbox'] },
    ];
    const given = withGoneUnits(policy('auto' as never, { windows }), WITHOUT);
    const at = (time: string, of: ReturnType<typeof member>) =>
      outsideWindows(given, 'EC2.13', 'disruptive', of, new Date(`2026-11-23T${time}:00Z`));
    expect(at('12:30', member([], '/'))).toContain('nights');
    expect(at('23:00', member([], '/'))).toBeUndefined();
    expect(at('12:30', member([SANDBOX], '/Sandbox'))).toBeUndefined();
    expect(at('23:00', member([SANDBOX], '/Sandbox'))).toContain('noon');
  });
});

it('the named units are those of controls and windows, without the root', () => {
  const windows = [{ id: 'w', from: '22:00', to: '04:00', ous: ['/Sandbox', '/'] }];
  expect(namedUnits(policy({ ous: { '/Production': 'off', '/': 'auto' } }, { windows }))).toEqual([
    '/Production',
    '/Sandbox',
  ]);
});
