import { describe, expect, it } from 'vitest';
import {
  type Circuit,
  type CircuitState,
  circuitState,
  countedSince,
  failureKey,
  opensInAccount,
  opensInOrganization,
} from '../../../functions/domain/circuit.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a circuit', () => {
  const opened: Circuit = { openedAt: NOON - 15 * MINUTE, openUntil: NOON };
  const tried: Circuit = { ...opened, trialBy: 'the other', trialUntil: NOON + 7 * MINUTE };

  it.each<[what: string, circuit: Circuit, at: number, standing: CircuitState]>([
    ['without fields is closed', {}, NOON, { kind: 'closed' }],
    ['that was closed after an opening is closed', { closedAt: NOON - 1 }, NOON, { kind: 'closed' }],
    ['is open until the end of its period', opened, NOON - 1, { kind: 'open', until: NOON }],
    ['is half open after that', opened, NOON, { kind: 'halfOpen' }],
    ['stays half open until a trial', opened, NOON + 100 * HOUR, { kind: 'halfOpen' }],
    [
      'waits for the trial of another execution',
      tried,
      NOON,
      { kind: 'onTrial', by: 'the other', until: NOON + 7 * MINUTE },
    ],
    ['lets the execution that has its trial continue', { ...tried, trialBy: 'me' }, NOON, { kind: 'halfOpen' }],
    ['admits another trial after the first one expired', tried, NOON + 7 * MINUTE, { kind: 'halfOpen' }],
  ])('%s', (_, circuit, at, standing) => {
    expect(circuitState(circuit, at, 'me')).toEqual(standing);
  });
});

describe('a failed change', () => {
  const made = (execution: string, account: string) => ({ execution, finding: { id: 'f', productArn: 'p', account } });
  const keys = (error: string) => [
    failureKey(error, made('first', '111122223333')),
    failureKey(error, made('second', '111122223333')),
    failureKey(error, made('second', '444455556666')),
  ];

  it.each(['ChangeNotVerified', 'RollbackFailed', 'RulesPerSecurityGroupLimitExceeded', 'TypeError'])(
    'counts once for each execution: %s',
    (error) => {
      const [first, second, again] = keys(error);
      expect(first).not.toBe(second);
      expect([first, second, again].map((key) => key?.slice(0, 13))).toEqual([
        '111122223333#',
        '111122223333#',
        '444455556666#',
      ]);
    },
  );
  it('counts once for each account where it was denied: MemberAccessDenied', () => {
    const [first, second, elsewhere] = keys('MemberAccessDenied');
    expect(first).toBe(second);
    expect(second).not.toBe(elsewhere);
  });
  it.each([
    ...['Throttled', 'ServiceUnavailable', 'ResourceBusy', 'ChangePending', 'PolicyUnavailable'],
    ...['Stopped', 'CapReached', 'CircuitOpen', 'FindingRejected', 'ConfigurationInvalid', 'MemberRoleUnavailable'],
    'MemberRoleOutdated',
    'StackOutdated',
  ])('does not count: %s', (error) => {
    expect(keys(error)).toEqual([undefined, undefined, undefined]);
  });
  it('counts for an hour, but not after a success', () => {
    expect(countedSince({}, NOON)).toBe(NOON - HOUR);
    expect(countedSince({ closedAt: NOON - 2 * HOUR }, NOON)).toBe(NOON - HOUR);
    expect(countedSince({ closedAt: NOON - MINUTE }, NOON)).toBeGreaterThan(NOON - MINUTE);
  });
});

describe('the failures of an hour', () => {
  const policy = (failures: number) => ({ breaker: { failures, minutes: 15 } });
  const counts = (...each: number[]) => ({
    inAccount: each[0]!,
    byAccount: new Map(each.map((count, n) => [`${n}`, count])),
  });

  it.each<[failures: number, byAccount: number[], opens: boolean]>([
    [10, [1000], false],
    [10, [1000, 1000], false],
    [10, [1000, 1, 1], false],
    [10, [4, 4, 2], true],
    [10, [4, 4, 1], false],
    [10, Array(10).fill(1), true],
    [1, [5, 5], false],
    [1, [1, 1, 1], true],
  ])('with a threshold of %i and these accounts %j open the circuit of all: %s', (failures, byAccount, opens) => {
    expect(opensInOrganization(counts(...byAccount), policy(failures))).toBe(opens);
  });
  it("open an account's own circuit by themselves", () => {
    expect(opensInAccount(counts(9), policy(10))).toBe(false);
    expect(opensInAccount(counts(10), policy(10))).toBe(true);
  });
});
