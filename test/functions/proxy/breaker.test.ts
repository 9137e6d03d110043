import { describe, expect, it } from 'vitest';
import type { FailureCounts } from '../../../functions/domain/circuit.ts';
import type { Job, JobWork, RemediationResult } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { Circuits } from '../../../functions/ports/circuits.ts';
import type { CircuitScope } from '../../../functions/ports/leases.ts';
import { recordFailure, recordSuccess } from '../../../functions/proxy/breaker.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTES = 60_000;
const policy = SuturePolicy.parse({ version: 1, controls: {}, breaker: { failures: 3, minutes: 15 } });
const ACCOUNT = '333333333333';
const JOB = { execution: 'me', finding: { account: ACCOUNT } } as Job;
const CHANGE = { remediation: 'ec2/close-admin-ports', mode: 'apply' } as JobWork;
const OF_ALL = CHANGE.remediation;
const OF_ACCOUNT = `${OF_ALL}#${ACCOUNT}`;
const named = (name: string) => Object.assign(new Error(name), { name });
const counts = (inAccount: number, ...others: number[]): FailureCounts => ({
  inAccount,
  byAccount: new Map([[ACCOUNT, inAccount], ...others.map((count, n): [string, number] => [`other ${n}`, count])]),
});

function circuitsAfter(failures: FailureCounts) {
  const recorded: string[] = [];
  const note = (what: string) => async (circuit: string) => Boolean(recorded.push(`${what} ${circuit}`));
  const circuits: Circuits = {
    async fail() {
      recorded.push('fail');
      return failures;
    },
    open: note('open'),
    close: note('close'),
    releaseTrial: note('release'),
  };
  return { circuits, recorded };
}

describe('after a failed attempt', () => {
  type Attempt = { readonly trials?: readonly CircuitScope[]; readonly mode?: 'plan' };
  it.each<[what: string, error: string, failures: FailureCounts, attempt: Attempt, recorded: string[]]>([
    ['it counts', 'ChangeNotVerified', counts(1), {}, ['fail']],
    [
      "the account's circuit opens at the threshold",
      'ChangeNotVerified',
      counts(3),
      {},
      ['fail', `open ${OF_ACCOUNT}`],
    ],
    [
      'one account opens nothing for the others, however often it fails',
      'TypeError',
      counts(99),
      {},
      ['fail', `open ${OF_ACCOUNT}`],
    ],
    ['two accounts open nothing for the others either', 'TypeError', counts(2, 99), {}, ['fail']],
    ["three accounts open the organization's circuit", 'TypeError', counts(1, 1, 1), {}, ['fail', `open ${OF_ALL}`]],
    [
      'a failed trial of the account opens its circuit again, whatever the count',
      'ChangeNotVerified',
      counts(1),
      { trials: ['account'] },
      ['fail', `open ${OF_ACCOUNT}`],
    ],
    [
      'a failed trial of all opens that circuit again, and the circuit of the account that failed it',
      'ChangeNotVerified',
      counts(1),
      { trials: ['organization'] },
      ['fail', `open ${OF_ACCOUNT}`, `open ${OF_ALL}`],
    ],
    ['nothing happens if AWS was busy', 'Throttled', counts(9), {}, []],
    [
      'a trial keeps its place while its change is pending',
      'ChangePending',
      counts(9),
      { trials: ['organization'] },
      [],
    ],
    [
      'a trial that proved nothing is released',
      'MemberRoleUnavailable',
      counts(9),
      { trials: ['account', 'organization'] },
      [`release ${OF_ACCOUNT}`, `release ${OF_ALL}`],
    ],
    ['a plan does not count', 'TypeError', counts(9), { mode: 'plan' }, []],
  ])('%s', async (_, error, failures, { trials = [], mode }, recorded) => {
    const recorder = circuitsAfter(failures);
    const attempt = { job: JOB, work: { ...CHANGE, ...(mode && { mode }) }, trials };
    const changes = await recordFailure(attempt, named(error), policy, recorder.circuits, () => NOON);
    expect(recorder.recorded).toEqual(recorded);
    expect(changes.map(({ kind, circuit }) => `${kind} ${circuit}`)).toEqual(
      recorded.filter((what) => what.startsWith('open')),
    );
  });
  it('the account that failed the trial of all waits longer than the others', async () => {
    const attempt = { job: JOB, work: CHANGE, trials: ['organization'] as const };
    const { circuits } = circuitsAfter(counts(1));
    expect(await recordFailure(attempt, named('TypeError'), policy, circuits, () => NOON)).toEqual([
      { kind: 'open', circuit: OF_ACCOUNT, until: NOON + 30 * MINUTES, failures: 1 },
      { kind: 'open', circuit: OF_ALL, until: NOON + 15 * MINUTES, failures: 1 },
    ]);
  });
});

describe('after a successful attempt', () => {
  const fixed = { kind: 'fixed', before: 1, after: 2, version: 1, summary: '' } satisfies RemediationResult;
  const compliant = { kind: 'compliant', because: '' } satisfies RemediationResult;
  it.each<[what: string, result: RemediationResult, trials: readonly CircuitScope[], recorded: string[]]>([
    [
      'circuits close after a change that holds',
      fixed,
      ['account', 'organization'],
      [`close ${OF_ACCOUNT}`, `close ${OF_ALL}`],
    ],
    ['a trial that changed nothing is released', compliant, ['organization'], [`release ${OF_ALL}`]],
    ['closed circuits stay closed', fixed, [], []],
  ])('%s', async (_, result, trials, recorded) => {
    const recorder = circuitsAfter(counts(0));
    await recordSuccess({ job: JOB, work: CHANGE, trials }, result, recorder.circuits);
    expect(recorder.recorded).toEqual(recorded);
  });
});
