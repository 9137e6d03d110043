import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../functions/domain/circuit.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { COUNTER_SHARDS } from '../../../functions/domain/stops.ts';
import type { AttemptFacts, FindingRecord } from '../../../functions/ports/leases.ts';
import { type Admission, admit, capReached } from '../../../functions/proxy/admit.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
const policy = SuturePolicy.parse({
  version: 1,
  controls: {},
  caps: { perAccountAndHour: 10, perRemediationAndHour: 25 },
  breaker: { failures: 3, minutes: 15 },
});
const JOB = { execution: 'me', finding: { account: '333333333333' } } as Job;
const CHANGE = { remediation: 'ec2/close-admin-ports', mode: 'apply' } as JobWork;
const PLAN: JobWork = { ...CHANGE, mode: 'plan' };
const NOTHING: AttemptFacts = { circuit: {}, inAccount: 0, inOrganization: Array(COUNTER_SHARDS).fill(0) };

const record = (fields: Partial<FindingRecord>): Pick<AttemptFacts, 'record'> => ({
  record: { executions: [], ...fields },
});
const mine = record({ execution: 'me', blockedUntil: NOON, countedBy: 'me', countedUntil: NOON, executions: ['me'] });
const OPEN: Circuit = { openedAt: NOON - 1, openUntil: NOON + 60_000 };
const HALF_OPEN: Circuit = { openedAt: NOON - HOUR, openUntil: NOON };
const TRYING: Circuit = { ...HALF_OPEN, trialBy: 'another', trialUntil: NOON + 1 };
const full = (cap: number) =>
  Array.from({ length: COUNTER_SHARDS }, (_, n) => Math.floor(cap / COUNTER_SHARDS) + Number(n < cap % COUNTER_SHARDS));

const decided = (facts: Partial<AttemptFacts>, work = CHANGE): Admission | { kind: string; says: string } => {
  try {
    return admit(JOB, work, { ...NOTHING, ...facts }, policy, NOON);
  } catch (error) {
    return { kind: (error as Error).name, says: (error as Error).message };
  }
};

describe('an attempt', () => {
  const stop = { by: 'ada', at: '2026-11-22T11:00:00Z', reason: 'freeze' };
  it.each<[what: string, facts: Partial<AttemptFacts>, work: JobWork, kind: string, says?: RegExp]>([
    ['begins where nothing prevents it', {}, CHANGE, 'admitted'],
    ['stops at the kill switch', { stop }, CHANGE, 'Stopped', /since 2026-11-22T11:00:00Z by ada: freeze.*resume/],
    ['stops at a kill switch without a reason', { stop: {} }, CHANGE, 'Stopped', /no reason was given/],
    [
      'stops at the kill switch even as a duplicate',
      { stop, ...record({ execution: 'other', blockedUntil: NOON }) },
      CHANGE,
      'Stopped',
    ],
    ['stops at the kill switch even to plan', { stop }, PLAN, 'Stopped'],
    [
      'is a duplicate while another execution has the finding',
      record({ execution: 'other', blockedUntil: NOON }),
      CHANGE,
      'duplicate',
      /other deals with/,
    ],
    [
      'begins after the other execution ended',
      record({ execution: 'other', blockedUntil: NOON - 1 }),
      CHANGE,
      'admitted',
    ],
    ['begins where it holds the finding itself', mine, CHANGE, 'admitted'],
    [
      'is left to a person after five failed executions',
      record({ executions: ['1', '2', '3', '4', '5'] }),
      CHANGE,
      'duplicate',
      /5 executions failed/,
    ],
    [
      'begins again when it is one of these, redriven',
      record({ executions: ['1', '2', '3', '4', 'me'] }),
      CHANGE,
      'admitted',
    ],
    [
      'stops at an open circuit',
      { circuit: OPEN },
      CHANGE,
      'CircuitOpen',
      /open until 2026-11-22T12:01:00.000Z: 3 or more/,
    ],
    ['stops during the trial of another execution', { circuit: TRYING }, CHANGE, 'CircuitOpen', /its trial is running/],
    ['stops at an open circuit although it was counted before', { ...mine, circuit: OPEN }, CHANGE, 'CircuitOpen'],
    ['plans with an open circuit', { circuit: OPEN }, PLAN, 'admitted'],
    ["stops at the account's cap", { inAccount: 10 }, CHANGE, 'capped'],
    ["stops at the organization's cap", { inOrganization: full(25) }, CHANGE, 'capped'],
    [
      'is not counted again when it is retried',
      { ...mine, inAccount: 10, inOrganization: full(25) },
      CHANGE,
      'admitted',
    ],
    ['plans without being counted', { inAccount: 10, inOrganization: full(25) }, PLAN, 'admitted'],
  ])('%s', (_, facts, work, kind, says) => {
    const admission = decided(facts, work);
    expect(admission.kind).toBe(kind);
    if (says) expect(JSON.stringify(admission)).toMatch(says);
  });

  it('is counted once an hour, and again when it is redriven later', () => {
    expect(decided({})).toHaveProperty('count');
    expect(decided(mine)).not.toHaveProperty('count');
    expect(decided({ record: { ...mine.record!, countedUntil: NOON - 1 } })).toHaveProperty('count');
    expect(decided({ record: { ...mine.record!, countedBy: 'another' } })).toHaveProperty('count');
  });
  it('takes the trial of a half-open circuit unless a cap is reached', () => {
    expect(decided({ circuit: HALF_OPEN })).toMatchObject({ kind: 'admitted', isTrial: true });
    expect(decided({})).toMatchObject({ isTrial: false });
    expect(decided({ circuit: HALF_OPEN, inAccount: 10 })).toMatchObject({ kind: 'capped' });
  });
});

describe("the organization's counters", () => {
  it.each([1, 7, 10, 25, 1000])('admit exactly %i changes under a cap of that number', (cap) => {
    const counters: number[] = Array(COUNTER_SHARDS).fill(0);
    const capped = { ...policy, caps: { ...policy.caps, perAccountAndHour: 10_000, perRemediationAndHour: cap } };
    let through = 0;
    for (let n = 0; n < cap + 20; n++) {
      const admission = admit(
        { ...JOB, execution: `${n}` },
        CHANGE,
        { ...NOTHING, inOrganization: counters },
        capped,
        NOON,
      );
      if (admission.kind !== 'admitted') continue;
      counters[admission.count!.shard]! += 1;
      through += 1;
    }
    expect(through).toBe(cap);
  });
  it('are chosen evenly by executions', () => {
    const used = Array.from({ length: 100 }, (_, n) =>
      admit({ ...JOB, execution: `${n}` }, CHANGE, NOTHING, policy, NOON),
    );
    expect(new Set(used.map((admission) => 'count' in admission && admission.count!.shard)).size).toBe(COUNTER_SHARDS);
  });
});

describe('a cap that was reached', () => {
  it.each([
    ['333333333333', /10 changes this hour in account 333333333333.*perAccountAndHour.*after 2026-11-22T13:00:00.000Z/],
    [undefined, /10 changes this hour in the organization.*perRemediationAndHour/],
  ])('names its scope and its end: %s', (account, says) => {
    expect(capReached(CHANGE, { kind: 'capped', cap: 10, account }, NOON).message).toMatch(says);
  });
});
