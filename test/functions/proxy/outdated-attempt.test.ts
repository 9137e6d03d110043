/** An attempt whose member role is older than the remediation, with everything else in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SutureError } from '../../../functions/contract/errors.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { remediationOutdated } from '../../../functions/domain/stack-gap.ts';
import { COUNTER_SHARDS } from '../../../functions/domain/stops.ts';
import type { Leases } from '../../../functions/ports/leases.ts';
import { type AttemptDeps, attemptRemediation } from '../../../functions/proxy/attempt.ts';

const HOUR = 3_600_000;
const policy = SuturePolicy.parse({ version: 1, controls: { 'EC2.13': 'auto' } });
const ACCOUNT = '333333333333';
const JOB = {
  execution: 'me',
  started: '2026-11-22T12:00:00Z',
  finding: { id: 'finding', account: ACCOUNT, control: 'EC2.13', ouPath: '/' },
} as Job;
const WORK = {
  remediation: 'ec2/close-admin-ports',
  mode: 'apply',
  risk: 'disruptive',
  policy: { mode: 'auto', tags: {} },
} as unknown as JobWork;

let done: string[];
beforeEach(() => {
  done = [];
});

const leases: Leases = {
  readFacts: async () => ({
    circuits: { account: {}, organization: {} },
    inAccount: 0,
    inOrganization: Array(COUNTER_SHARDS).fill(0),
  }),
  take: async (_, __, ___, { count }) => {
    done.push(`take ${count === undefined ? 'uncounted' : 'counted'}`);
    return true;
  },
  release: async () => void done.push('release'),
  uncount: async (_, __, { cap }) => void done.push(`uncount below ${cap}`),
  recordCap: async () => {},
};

const deps = {
  policy,
  leases,
  directory: { lookUp: async () => ({ id: ACCOUNT, status: 'ACTIVE', ouPath: '/', unitIds: [] }) },
  ledger: { wait: async ({ result }: Job) => void done.push(`wait: ${result?.kind}`) },
  circuits: {
    fail: async () => {
      done.push('counts for the circuit');
      return { inAccount: 1, byAccount: new Map() };
    },
  },
  invoke: async () => {
    throw new SutureError(
      'MemberRoleOutdated',
      'AccessDenied: no\nThe role is older than ec2/close-admin-ports: not yet.',
    );
  },
  random: () => 0,
  warn: (message: string) => void done.push(message),
  onCircuitChange: () => {},
} as unknown as AttemptDeps;

it('an outdated role makes the attempt wait, with neither a count nor a failure', async () => {
  const job = await attemptRemediation(JOB, WORK, deps);
  expect(done).toEqual(['take counted', 'release', 'uncount below 100', 'wait: deferred']);
  expect(job.outdatedSince).toBeDefined();
});

it('fails with MemberRoleOutdated after three days, without a count', async () => {
  const since = (waitedMs: number) => ({ ...JOB, outdatedSince: new Date(Date.now() - waitedMs).toISOString() });
  await expect(attemptRemediation(since(71 * HOUR), WORK, deps)).resolves.toMatchObject({
    result: { kind: 'deferred' },
  });
  done = [];
  await expect(attemptRemediation(since(73 * HOUR), WORK, deps)).rejects.toMatchObject({
    name: 'MemberRoleOutdated',
    message: expect.stringContaining('Roll it out in a clone of the repository, npm run -s suture -- rollout, or'),
  });
  expect(done).toEqual(['take counted', 'release', 'uncount below 100']);
});

it('also waits for a plan, which has no count', async () => {
  await attemptRemediation(JOB, { ...WORK, mode: 'plan' }, deps);
  expect(done).toEqual(['take uncounted', 'release', 'wait: deferred']);
});

it('retries once after a denial that follows a wait, because the role may have changed meanwhile', async () => {
  const denied: AttemptDeps = {
    ...deps,
    invoke: async () => {
      throw new SutureError('MemberAccessDenied', 'no');
    },
  };
  const waited = { ...JOB, outdatedSince: new Date(Date.now() - HOUR).toISOString() };
  const next = await attemptRemediation(waited, WORK, denied);
  expect(done).toEqual(['take counted', 'release', 'uncount below 100', 'wait: deferred']);
  expect(next).toMatchObject({
    result: { because: 'waits for the member role: The role in 333333333333 has just become newer: once more.' },
  });
  done = [];
  await expect(attemptRemediation(next, WORK, denied)).rejects.toMatchObject({ name: 'MemberAccessDenied' });
  expect(done).toEqual(['take counted', 'counts for the circuit', 'release']);
});

describe('a remediation of another release', () => {
  const outdated: AttemptDeps = {
    ...deps,
    invoke: async () => {
      throw remediationOutdated('ec2/close-admin-ports', 'It got v 5.');
    },
  };

  it('makes its change wait, with neither a count nor a failure', async () => {
    const job = await attemptRemediation(JOB, WORK, outdated);
    expect(done).toEqual(['take counted', 'release', 'uncount below 100', 'wait: deferred']);
    expect(job.result).toMatchObject({ because: expect.stringMatching(/^waits for the upgrade: The remediation/) });
  });

  it('fails a rollback at once, and counts for no circuit', async () => {
    await expect(attemptRemediation(JOB, { ...WORK, mode: 'rollback' }, outdated)).rejects.toMatchObject({
      name: 'RollbackFailed',
      message: expect.stringMatching(/older than the workflow: not yet\. Nothing was read or written.*one release/),
    });
    expect(done).not.toContain('counts for the circuit');
  });
});
