import { describe, expect, it } from 'vitest';
import {
  type Circuit,
  type CircuitState,
  circuitState,
  countsSince,
  failureKey,
} from '../../../functions/domain/circuit.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a circuit', () => {
  const opened: Circuit = { openedAt: NOON - 15 * MINUTE, openUntil: NOON };
  const tried: Circuit = { ...opened, tryBy: 'the other', tryUntil: NOON + 7 * MINUTE };

  it.each<[what: string, circuit: Circuit, at: number, standing: CircuitState]>([
    ['of which nothing is known is closed', {}, NOON, { kind: 'closed' }],
    ['that was closed again is closed', { closedAt: NOON - 1 }, NOON, { kind: 'closed' }],
    ['is open until its time is up', opened, NOON - 1, { kind: 'open', until: NOON }],
    ['is half open then', opened, NOON, { kind: 'halfOpen' }],
    ['is half open as long as nobody has tried', opened, NOON + 100 * HOUR, { kind: 'halfOpen' }],
    ['waits for a try', tried, NOON, { kind: 'trying', by: 'the other', until: NOON + 7 * MINUTE }],
    ['lets a try go on', { ...tried, tryBy: 'me' }, NOON, { kind: 'halfOpen' }],
    ['gives the try to the next when it has run out', tried, NOON + 7 * MINUTE, { kind: 'halfOpen' }],
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
    'counts once an execution: %s',
    (error) => {
      const [first, second, again] = keys(error);
      expect(first).not.toBe(second);
      expect(second).toBe(again);
    },
  );
  it('counts once an account when it was denied: MemberAccessDenied', () => {
    const [first, second, elsewhere] = keys('MemberAccessDenied');
    expect(first).toBe(second);
    expect(second).not.toBe(elsewhere);
  });
  it.each([
    ...['Throttled', 'ServiceUnavailable', 'ResourceBusy', 'ChangePending', 'PolicyUnavailable'],
    ...['Stopped', 'CapReached', 'CircuitOpen', 'FindingRejected', 'ConfigurationInvalid', 'MemberRoleUnavailable'],
  ])('does not count: %s', (error) => {
    expect(keys(error)).toEqual([undefined, undefined, undefined]);
  });
  it('counts for an hour, and not beyond a success', () => {
    expect(countsSince({}, NOON)).toBe(NOON - HOUR);
    expect(countsSince({ closedAt: NOON - 2 * HOUR }, NOON)).toBe(NOON - HOUR);
    expect(countsSince({ closedAt: NOON - MINUTE }, NOON)).toBeGreaterThan(NOON - MINUTE);
  });
});
