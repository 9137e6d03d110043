import { describe, expect, it } from 'vitest';
import {
  decisionOn,
  exceptionFor,
  type FindingFacts,
  modeByTags,
  nextOpening,
  outsideWindows,
  SuturePolicy,
} from '../../../functions/domain/policy.ts';

const MEMBER = { account: '333333333333', ouPath: '/Workloads/Production' };
const policy = (more: object = {}) => SuturePolicy.parse({ version: 1, controls: {}, ...more });

describe('the mode of a control', () => {
  const rule = {
    mode: 'observe',
    accounts: { '333333333333': 'off' },
    ous: { '/': 'observe', '/Workloads': 'approve', '/Workloads/Production': 'auto', '/Work': 'off' },
  };
  const modes: [
    name: string,
    rule: unknown,
    who: { account: string; ouPath?: string },
    risk: 'safe' | 'disruptive',
    mode: string,
  ][] = [
    ['is off if policy does not name it', undefined, MEMBER, 'safe', 'off'],
    ['is what policy names', 'observe', MEMBER, 'safe', 'observe'],
    ['is auto if policy names no mode and the change is safe', null, MEMBER, 'safe', 'auto'],
    ['is approve if policy names no mode and the change is not safe', null, MEMBER, 'disruptive', 'approve'],
    ['is the rule for the account before that for its unit', rule, MEMBER, 'safe', 'off'],
    [
      'is the rule for the longest unit',
      rule,
      { account: '444444444444', ouPath: '/Workloads/Production' },
      'safe',
      'auto',
    ],
    [
      'is the rule for a unit above',
      rule,
      { account: '444444444444', ouPath: '/Workloads/Test/Deep' },
      'safe',
      'approve',
    ],
    [
      'is not the rule for a unit whose name only begins alike',
      rule,
      { account: '444444444444', ouPath: '/Workshop' },
      'safe',
      'observe',
    ],
    ['is the rule for all if the unit of the account is unknown', rule, { account: '444444444444' }, 'safe', 'observe'],
  ];
  it.each(modes)('%s', (_, given, who, risk, mode) => {
    const controls = given === undefined ? {} : { 'EC2.13': given };
    expect(decisionOn(policy({ controls }), 'EC2.13', risk, who).mode).toBe(mode);
  });
  it('ignores names of the prototype', () => {
    expect(decisionOn(policy(), 'constructor', 'safe', MEMBER).mode).toBe('off');
  });
});

describe('live tags', () => {
  const rules = { 'suture=off': 'off', env: 'observe', 'env=dev': 'auto' } as const;
  const cases: [name: string, tags: Record<string, string>, mode: string | undefined][] = [
    ['match nothing if no rule names them', { team: 'a' }, undefined],
    ['match by key', { env: 'prod' }, 'observe'],
    ['match by key and value, and the strictest rule applies', { env: 'dev' }, 'observe'],
    ['may set off', { env: 'dev', suture: 'off' }, 'off'],
    ['of another value do not match', { suture: 'on' }, undefined],
  ];
  it.each(cases)('%s', (_, tags, mode) => expect(modeByTags(rules, tags)?.mode).toBe(mode));
});

describe('an exception', () => {
  const exception = (criteria: object) =>
    policy({ suppressions: [{ id: 'a', reason: 'r', owner: 'o', expires: '2027-01-31', criteria }] }).suppressions;
  const facts: FindingFacts = {
    control: 'EC2.13',
    account: '333333333333',
    region: 'us-east-1',
    resource: 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-1',
    title: 'SSH open',
    severity: 'HIGH',
    tags: { env: 'dev' },
  };
  const cases: [name: string, criteria: object, holds: boolean][] = [
    ['holds for a value', { control: 'EC2.13' }, true],
    ['holds for one of several values', { control: ['EC2.14', 'EC2.13'] }, true],
    ['does not hold for another value', { control: 'EC2.14' }, false],
    ['holds only when all criteria do', { control: 'EC2.13', account: '444444444444' }, false],
    ['supports prefix', { resource: { prefix: 'arn:aws:ec2:us-east-1:333333333333:' } }, true],
    ['supports contains', { title: { contains: 'open' } }, true],
    ['supports not', { account: { not: ['444444444444', '333333333333'] } }, false],
    ['supports notPrefix', { region: { notPrefix: 'eu-' } }, true],
    ['supports notContains', { title: { notContains: 'open' } }, false],
    ['needs all operators of a criterion', { title: { prefix: 'SSH', notContains: 'open' } }, false],
    ['never holds on a field that the finding does not have', { generator: { not: 'x' } }, false],
    ['holds on a tag', { tags: { env: 'dev' } }, true],
    ['does not hold on a tag of another value', { tags: { env: 'prod' } }, false],
    ['does not hold on a missing tag', { tags: { team: { not: 'a' } } }, false],
    ['ignores the prototype of the tags', { tags: { constructor: { not: 'a' } } }, false],
  ];
  it.each(cases)('%s', (_, criteria, holds) => {
    expect(exceptionFor(exception(criteria), facts, '2026-11-22') !== undefined).toBe(holds);
  });
  it('holds until the end of its last day', () => {
    expect(exceptionFor(exception({ control: 'EC2.13' }), facts, '2027-01-31')).toBeDefined();
    expect(exceptionFor(exception({ control: 'EC2.13' }), facts, '2027-02-01')).toBeUndefined();
  });
  it.each<[criteria: object, says: string]>([
    [{}, 'must hold at least one criterion'],
    [{ control: {} }, 'must hold at least one operator'],
    [{ control: [] }, 'expected array to have >=1 items'],
    [{ control: 'EC2.13', colour: 'red' }, 'Unrecognized key'],
  ])('is invalid with criteria %j: %s', (criteria, says) => {
    expect(() => exception(criteria)).toThrow(says);
  });
});

describe('a maintenance window', () => {
  const nights = { id: 'nights', days: ['mon', 'sun'], from: '22:00', to: '04:00', timezone: 'Europe/Berlin' };
  const at = (when: string, window: object = nights, risk: 'safe' | 'disruptive' = 'disruptive') =>
    outsideWindows(policy({ windows: [window] }), 'EC2.13', risk, MEMBER, new Date(when)) === undefined;
  const cases: [name: string, when: string, window: object, open: boolean][] = [
    ['is open in its hours', '2026-11-23T22:00:00+01:00', nights, true],
    ['is open after midnight of its day', '2026-11-24T03:59:00+01:00', nights, true],
    ['is closed at its end', '2026-11-24T04:00:00+01:00', nights, false],
    ['is closed after midnight of another day', '2026-11-26T03:00:00+01:00', nights, false],
    ['is closed at noon', '2026-11-23T12:00:00+01:00', nights, false],
    ['follows its time zone, also in summer time', '2026-07-06T20:00:00Z', nights, true],
    ['does not apply to other controls', '2026-11-23T12:00:00Z', { ...nights, controls: ['EC2.2'] }, true],
    ['does not apply to other accounts', '2026-11-23T12:00:00Z', { ...nights, accounts: ['444444444444'] }, true],
    ['applies to all accounts through the root', '2026-11-23T12:00:00Z', { ...nights, ous: ['/'] }, false],
    ['applies to the accounts of its units', '2026-11-23T12:00:00Z', { ...nights, ous: ['/Workloads'] }, false],
  ];
  it.each(cases)('%s', (_, when, window, open) => expect(at(when, window)).toBe(open));
  it('does not apply to safe changes', () => expect(at('2026-11-23T12:00:00Z', nights, 'safe')).toBe(true));

  it.each([
    ['later the same day', '2026-11-23T12:00:00Z', '2026-11-23T21:00:00.000Z'],
    ['now, while it is open', '2026-11-23T22:30:00Z', '2026-11-23T22:30:00.000Z'],
    ['on the next of its days', '2026-11-24T12:00:00Z', '2026-11-29T21:00:00.000Z'],
  ])('next opens %s', (_, now, opens) => {
    const next = nextOpening(policy({ windows: [nights] }), 'EC2.13', 'disruptive', MEMBER, new Date(now));
    expect(next.toISOString()).toBe(opens);
  });
  it('opens a week later if the change to daylight saving time skips it', () => {
    const window = { id: 'early', days: ['sun'], from: '02:00', to: '03:00', timezone: 'Europe/Berlin' };
    const after = new Date('2026-03-22T02:00:00Z');
    const next = nextOpening(policy({ windows: [window] }), 'EC2.13', 'disruptive', MEMBER, after);
    expect(next.toISOString()).toBe('2026-04-05T00:00:00.000Z');
  });
});
