import { describe, expect, it } from 'vitest';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { COUNTER_SHARDS } from '../../../functions/domain/stops.ts';
import type { AttemptFacts, FindingRecord } from '../../../functions/ports/leases.ts';
import { admit } from '../../../functions/proxy/admit.ts';
import { NO_FACTS } from './attempt-facts.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const policy = SuturePolicy.parse({
  version: 1,
  controls: {},
  caps: { perAccountAndHour: 10, perRemediationAndHour: 25 },
});
const FULL: Partial<AttemptFacts> = { inAccount: 10, inOrganization: Array(COUNTER_SHARDS).fill(3) };
const OPEN: Partial<AttemptFacts> = {
  circuits: { account: {}, organization: { openedAt: NOW - 1, openUntil: NOW + 60_000 } },
};
const record = (fields: Partial<FindingRecord>): Partial<AttemptFacts> => ({ record: { executions: [], ...fields } });
const others = (status: FindingRecord['status']) => record({ execution: 'other', blockedUntil: NOW, status });

const work = (mode: JobWork['mode'], policyMode: 'auto' | 'approve' | 'observe' = 'auto') =>
  ({ remediation: 'ec2/close-admin-ports', mode, policy: { mode: policyMode, tags: {} } }) as unknown as JobWork;

const kindOf = (facts: Partial<AttemptFacts>, jobWork: JobWork, startOptions?: Job['startOptions']): string => {
  const job = { execution: 'me', finding: { account: '333333333333' }, startOptions } as Job;
  try {
    return admit(job, jobWork, { ...NO_FACTS, ...facts }, policy, NOW).kind;
  } catch (error) {
    return (error as Error).name;
  }
};

describe('an attempt that a person started', () => {
  it.each<
    [what: string, kind: string, facts: Partial<AttemptFacts>, work: JobWork, startOptions?: Job['startOptions']]
  >([
    ['a rollback begins within the hour after the fix', 'admitted', others('FIXED'), work('rollback')],
    ['is a duplicate while an execution has the finding', 'duplicate', others('OPEN'), work('rollback')],
    ['a rollback begins beyond caps and with an open circuit', 'admitted', { ...FULL, ...OPEN }, work('rollback')],
    ['a rollback stops at the kill switch', 'Stopped', { stop: {} }, work('rollback')],
    ['a finding that was rolled back is refused', 'refused', others('ROLLED_BACK'), work('apply')],
    ['a finding that was rolled back is refused to a plan', 'refused', others('ROLLED_BACK'), work('plan')],
    [
      'a finding that was rolled back is accepted with --again',
      'admitted',
      others('ROLLED_BACK'),
      work('apply'),
      { again: true },
    ],
    ['--again begins within the hour', 'admitted', others('FIXED'), work('apply'), { again: true }],
    ['is a duplicate while an execution has the finding', 'duplicate', others('OPEN'), work('apply'), { again: true }],
    [
      '--again begins after five failures',
      'admitted',
      record({ executions: [...'12345'] }),
      work('apply'),
      { again: true },
    ],
    ['--again stops at the caps', 'capped', FULL, work('apply'), { again: true }],
    ['an option of an earlier version exceeds no cap', 'capped', FULL, work('apply'), { overCaps: true }],
    ['--again stops at an open circuit', 'CircuitOpen', OPEN, work('apply'), { again: true }],
    ['a plan does not block a change', 'admitted', others('PLANNED'), work('apply')],
    ['a plan does not block a change that waits for approval', 'admitted', others('PLANNED'), work('plan', 'approve')],
    ['a plan is not repeated', 'duplicate', others('PLANNED'), work('plan', 'observe')],
  ])('%s: %s', (_, kind, facts, jobWork, startOptions) => {
    expect(kindOf(facts, jobWork, startOptions)).toBe(kind);
  });
});
