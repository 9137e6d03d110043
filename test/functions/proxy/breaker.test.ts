import { describe, expect, it } from 'vitest';
import type { Job, JobWork, RemediationResult } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { Circuits } from '../../../functions/ports/circuits.ts';
import { recordFailure, recordSuccess } from '../../../functions/proxy/breaker.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const policy = SuturePolicy.parse({ version: 1, controls: {}, breaker: { failures: 3, minutes: 15 } });
const JOB = { execution: 'me', finding: { account: '333333333333' } } as Job;
const CHANGE = { remediation: 'ec2/close-admin-ports', mode: 'apply' } as JobWork;
const named = (name: string) => Object.assign(new Error(name), { name });

/** Returns circuits that record their calls; `failures` count before this one. */
function circuitsAfter(failures: number) {
  const recorded: string[] = [];
  const note = (what: string) => async () => Boolean(recorded.push(what));
  const circuits: Circuits = {
    fail: async () => failures + Number(recorded.push('fail') > 0),
    open: note('open'),
    close: note('close'),
    releaseTrial: note('releaseTrial'),
  };
  return { circuits, recorded };
}

describe('after an attempt that failed, the circuit', () => {
  it.each<
    [what: string, error: string, failures: number, attempt: { isTrial?: true; mode?: 'plan' }, recorded: string[]]
  >([
    ['counts it', 'ChangeNotVerified', 0, {}, ['fail']],
    ['opens at the threshold of the policy', 'ChangeNotVerified', 2, {}, ['fail', 'open']],
    [
      'opens again after a failed trial, whatever the count',
      'ChangeNotVerified',
      0,
      { isTrial: true },
      ['fail', 'open'],
    ],
    ['stays as it is when AWS was busy', 'Throttled', 9, {}, []],
    ['keeps its trial while that is pending', 'ChangePending', 9, { isTrial: true }, []],
    ['releases a trial that proved nothing', 'MemberRoleUnavailable', 9, { isTrial: true }, ['releaseTrial']],
    ['does not count a plan', 'TypeError', 9, { mode: 'plan' }, []],
  ])('%s', async (_, error, failures, { isTrial = false, mode }, recorded) => {
    const recorder = circuitsAfter(failures);
    const attempt = { job: JOB, work: { ...CHANGE, ...(mode && { mode }) }, isTrial };
    const turn = await recordFailure(attempt, named(error), policy, recorder.circuits, () => NOON);
    expect(recorder.recorded).toEqual(recorded);
    expect(turn).toEqual(
      recorded.includes('open') ? { kind: 'open', until: NOON + 15 * 60_000, failures: failures + 1 } : undefined,
    );
  });
});

describe('after an attempt that ended well, the circuit', () => {
  const fixed = { kind: 'fixed', before: 1, after: 2, summary: '' } satisfies RemediationResult;
  const compliant = { kind: 'compliant', because: '' } satisfies RemediationResult;
  it.each<[what: string, result: RemediationResult, isTrial: boolean, recorded: string[]]>([
    ['closes after a change that holds', fixed, true, ['close']],
    ['releases a trial that changed nothing', compliant, true, ['releaseTrial']],
    ['stays closed', fixed, false, []],
  ])('%s', async (_, result, isTrial, recorded) => {
    const recorder = circuitsAfter(0);
    await recordSuccess({ job: JOB, work: CHANGE, isTrial }, result, recorder.circuits);
    expect(recorder.recorded).toEqual(recorded);
  });
});
