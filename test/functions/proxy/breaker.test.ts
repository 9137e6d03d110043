import { describe, expect, it } from 'vitest';
import type { Job, JobWork, RemediationResult } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { Circuits } from '../../../functions/ledger/circuits.ts';
import { afterFailure, afterSuccess } from '../../../functions/proxy/breaker.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const policy = SuturePolicy.parse({ version: 1, controls: {}, breaker: { failures: 3, minutes: 15 } });
const job = { execution: 'me', finding: { account: '333333333333' } } as Job;
const change = { remediation: 'ec2/close-admin-ports', mode: 'apply' } as JobWork;
const named = (name: string) => Object.assign(new Error(name), { name });

/** Circuits that note what they are told; so many failures count before this one. */
function circuitsAfter(failures: number) {
  const told: string[] = [];
  const note = (what: string) => async () => Boolean(told.push(what));
  const circuits: Circuits = {
    fail: async () => failures + Number(told.push('fail') > 0),
    open: note('open'),
    close: note('close'),
    giveBack: note('giveBack'),
  };
  return { circuits, told };
}

describe('after an attempt that failed, the circuit', () => {
  it.each<[what: string, error: string, failures: number, attempt: { tries?: true; mode?: 'plan' }, told: string[]]>([
    ['counts it', 'ChangeNotVerified', 0, {}, ['fail']],
    ['opens with the last that policy bears', 'ChangeNotVerified', 2, {}, ['fail', 'open']],
    ['opens again after a failed try, whatever was before', 'ChangeNotVerified', 0, { tries: true }, ['fail', 'open']],
    ['stays as it is when AWS was busy', 'Throttled', 9, {}, []],
    ['waits on while its try is pending', 'ChangePending', 9, { tries: true }, []],
    ['gives a try that proved nothing to the next', 'MemberRoleUnavailable', 9, { tries: true }, ['giveBack']],
    ['does not count a plan', 'TypeError', 9, { mode: 'plan' }, []],
  ])('%s', async (_, error, failures, { tries = false, mode }, told) => {
    const noted = circuitsAfter(failures);
    const attempt = { made: job, work: { ...change, ...(mode && { mode }) }, tries };
    const turn = await afterFailure(attempt, named(error), policy, noted.circuits, () => NOON);
    expect(noted.told).toEqual(told);
    expect(turn).toEqual(
      told.includes('open') ? { kind: 'open', until: NOON + 15 * 60_000, failures: failures + 1 } : undefined,
    );
  });
});

describe('after an attempt that ended well, the circuit', () => {
  const fixed = { kind: 'fixed', before: 1, after: 2, summary: '' } satisfies RemediationResult;
  const compliant = { kind: 'compliant', because: '' } satisfies RemediationResult;
  it.each<[what: string, result: RemediationResult, tries: boolean, told: string[]]>([
    ['closes by a change that holds', fixed, true, ['close']],
    ['gives a try that changed nothing to the next', compliant, true, ['giveBack']],
    ['is not touched where it was closed', fixed, false, []],
  ])('%s', async (_, result, tries, told) => {
    const noted = circuitsAfter(0);
    await afterSuccess({ made: job, work: change, tries }, result, noted.circuits);
    expect(noted.told).toEqual(told);
  });
});
