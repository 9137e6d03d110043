import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../functions/domain/circuit.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { COUNTER_SHARDS } from '../../../functions/domain/stops.ts';
import type { AttemptFacts, FindingRecord } from '../../../functions/ports/leases.ts';
import { type Admission, admit, capText } from '../../../functions/proxy/admit.ts';
import { NO_FACTS } from './attempt-facts.ts';

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

const record = (fields: Partial<FindingRecord>): Pick<AttemptFacts, 'record'> => ({
  record: { executions: [], ...fields },
});
/** The circuit of the organization, and that of the account. */
const ofAll = (organization: Circuit): Pick<AttemptFacts, 'circuits'> => ({ circuits: { account: {}, organization } });
const ofAccount = (account: Circuit): Pick<AttemptFacts, 'circuits'> => ({ circuits: { account, organization: {} } });
const ownRecord = record({
  execution: 'me',
  blockedUntil: NOON,
  countedBy: 'me',
  countedUntil: NOON,
  executions: ['me'],
});
const OPEN: Circuit = { openedAt: NOON - 1, openUntil: NOON + 60_000 };
const HALF_OPEN: Circuit = { openedAt: NOON - HOUR, openUntil: NOON };
const TRYING: Circuit = { ...HALF_OPEN, trialBy: 'another', trialUntil: NOON + 1 };
const countersAt = (cap: number) =>
  Array.from({ length: COUNTER_SHARDS }, (_, n) => Math.floor(cap / COUNTER_SHARDS) + Number(n < cap % COUNTER_SHARDS));

const decisionOn = (facts: Partial<AttemptFacts>, work = CHANGE): Admission | { kind: string; says: string } => {
  try {
    return admit(JOB, work, { ...NO_FACTS, ...facts }, policy, NOON);
  } catch (error) {
    return { kind: (error as Error).name, says: (error as Error).message };
  }
};

describe('an attempt', () => {
  const stop = { by: 'ada', at: '2026-11-22T11:00:00Z', reason: 'freeze' };
  it.each<[what: string, facts: Partial<AttemptFacts>, work: JobWork, kind: string, says?: RegExp]>([
    ['begins if nothing prevents it', {}, CHANGE, 'admitted'],
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
      'is a duplicate while another execution waits for the owner',
      record({ execution: 'another', status: 'WAITING', blockedUntil: NOON - HOUR, waitsUntil: NOON }),
      PLAN,
      'duplicate',
      /another has told the owner, and waits until 2026-11-22T12:00:00/,
    ],
    [
      'begins when that time is up',
      record({ execution: 'another', status: 'WAITING', blockedUntil: NOON - HOUR, waitsUntil: NOON - 1 }),
      CHANGE,
      'admitted',
    ],
    [
      'begins after the wait failed',
      record({ execution: 'another', status: 'FAILED', blockedUntil: NOON - HOUR, waitsUntil: NOON + HOUR }),
      CHANGE,
      'admitted',
    ],
    [
      'begins again if it is the execution that waits',
      record({ execution: 'me', status: 'WAITING', blockedUntil: NOON - HOUR, waitsUntil: NOON + HOUR }),
      PLAN,
      'admitted',
    ],
    [
      'is a duplicate while another execution has the finding',
      record({ execution: 'other', blockedUntil: NOON }),
      CHANGE,
      'duplicate',
      /other handles/,
    ],
    [
      'begins after the other execution ended',
      record({ execution: 'other', blockedUntil: NOON - 1 }),
      CHANGE,
      'admitted',
    ],
    ['begins if it holds the finding itself', ownRecord, CHANGE, 'admitted'],
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
    ['stops at an open circuit', ofAll(OPEN), CHANGE, 'CircuitOpen', /open until 2026-11-22T12:01:00.000Z: 3 or more/],
    ['stops during the trial of another execution', ofAll(TRYING), CHANGE, 'CircuitOpen', /its trial is running/],
    [
      'stops at an open circuit although it was counted before',
      { ...ownRecord, ...ofAll(OPEN) },
      CHANGE,
      'CircuitOpen',
    ],
    [
      'stops at the open circuit of its account',
      ofAccount(OPEN),
      CHANGE,
      'CircuitOpen',
      /in account 333333333333 is open/,
    ],
    ['plans with an open circuit', ofAll(OPEN), PLAN, 'admitted'],
    ["stops at the account's cap", { inAccount: 10 }, CHANGE, 'capped'],
    ["stops at the organization's cap", { inOrganization: countersAt(25) }, CHANGE, 'capped'],
    [
      'is not counted again when it is retried',
      { ...ownRecord, inAccount: 10, inOrganization: countersAt(25) },
      CHANGE,
      'admitted',
    ],
    ['plans without being counted', { inAccount: 10, inOrganization: countersAt(25) }, PLAN, 'admitted'],
  ])('%s', (_, facts, work, kind, says) => {
    const admission = decisionOn(facts, work);
    expect(admission.kind).toBe(kind);
    if (says) expect(JSON.stringify(admission)).toMatch(says);
  });

  it('is counted once an hour, and again when it is redriven later', () => {
    expect(decisionOn({})).toHaveProperty('count');
    expect(decisionOn(ownRecord)).not.toHaveProperty('count');
    expect(decisionOn({ record: { ...ownRecord.record!, countedUntil: NOON - 1 } })).toHaveProperty('count');
    expect(decisionOn({ record: { ...ownRecord.record!, countedBy: 'another' } })).toHaveProperty('count');
  });
  it('takes the trial of a half-open circuit unless a cap is reached', () => {
    expect(decisionOn(ofAll(HALF_OPEN))).toMatchObject({ kind: 'admitted', trials: ['organization'] });
    expect(decisionOn(ofAccount(HALF_OPEN))).toMatchObject({ kind: 'admitted', trials: ['account'] });
    expect(decisionOn({})).toMatchObject({ trials: [] });
    expect(decisionOn({ ...ofAll(HALF_OPEN), inAccount: 10 })).toMatchObject({ kind: 'capped' });
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
        { ...NO_FACTS, inOrganization: counters },
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
      admit({ ...JOB, execution: `${n}` }, CHANGE, NO_FACTS, policy, NOON),
    );
    expect(new Set(used.map((admission) => 'count' in admission && admission.count!.shard)).size).toBe(COUNTER_SHARDS);
  });
});

describe('a cap that was reached', () => {
  const capped = (of: object, facts: object): string => {
    const caps = { ...policy.caps, ...of };
    const admission = admit(JOB, CHANGE, { ...NO_FACTS, ...facts }, { ...policy, caps }, NOON);
    if (admission.kind !== 'capped') throw new Error(admission.kind);
    return capText(CHANGE, admission);
  };
  it.each([
    [
      "the account's",
      {},
      { inAccount: 10 },
      /10 changes this hour in account 333333333333.*\(caps.perAccountAndHour\)/,
    ],
    [
      "the account's, of one",
      { perAccountAndHour: 1 },
      { inAccount: 1 },
      /has made 1 change this hour in account 333333333333/,
    ],
    [
      'the share of the account',
      { perAccountAndHour: 500 },
      { inAccount: 12 },
      /12 changes .* in account .*half of caps.perRemediationAndHour/,
    ],
    [
      "the organization's",
      {},
      { inOrganization: countersAt(25) },
      /25 changes this hour in the organization.*\(caps.perRemediationAndHour\)/,
    ],
  ])('names its scope: %s', (_, of, facts, says) => {
    expect(capped(of, facts)).toMatch(says);
  });
});

describe('a look', () => {
  const LOOK: JobWork = { ...PLAN, lookOnly: true };
  it.each<[string, Partial<FindingRecord> | undefined]>([
    ['another execution has the finding', { status: 'OPEN', execution: 'another' }],
    ['Suture has fixed it', { status: 'FIXED' }],
    ['it waits for an approver', { status: 'WAITING' }],
    ['the ledger does not know it', undefined],
  ])('is a duplicate if %s', (_, fields) => {
    expect(decisionOn(fields ? record(fields) : {}, LOOK).kind).toBe('duplicate');
  });
  it.each<[string, Partial<FindingRecord>]>([
    ['its owner was told within the hour', { status: 'NOTIFIED', execution: 'another', blockedUntil: NOON }],
    ['another execution waits for the owner', { status: 'WAITING', execution: 'another', waitsUntil: NOON + HOUR }],
    ['Suture has fixed it before', { status: 'NOTIFIED', fixedAt: '2026-11-20T00:00:00.000Z' }],
  ])('begins if %s, and does not ask for a stack', (_, fields) => {
    expect(decisionOn(record(fields), LOOK)).toEqual({ kind: 'admitted', trials: [] });
  });
});
