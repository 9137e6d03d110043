/** What people ask for, as it changes whether an attempt may begin. */
import { describe, expect, it } from 'vitest';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { type FindingRecord, type Seen, SHARDS } from '../../../functions/ledger/leases.ts';
import { admit } from '../../../functions/proxy/admit.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const policy = SuturePolicy.parse({
  version: 1,
  controls: {},
  caps: { perAccountAndHour: 10, perRemediationAndHour: 25 },
});
const NOTHING: Seen = { circuit: {}, inAccount: 0, inOrganization: Array(SHARDS).fill(0) };
const FULL: Partial<Seen> = { inAccount: 10, inOrganization: Array(SHARDS).fill(3) };
const OPEN: Partial<Seen> = { circuit: { openedAt: NOW - 1, openUntil: NOW + 60_000 } };
const record = (fields: Partial<FindingRecord>): Partial<Seen> => ({ record: { executions: [], ...fields } });
const others = (status: FindingRecord['status']) => record({ execution: 'other', blockedUntil: NOW, status });

const work = (mode: JobWork['mode'], policyMode: 'auto' | 'approve' | 'observe' = 'auto') =>
  ({ remediation: 'ec2/close-admin-ports', mode, policy: { mode: policyMode, tags: {} } }) as unknown as JobWork;

const kindOf = (seen: Partial<Seen>, asked: JobWork, asks?: Job['asks']): string => {
  const job = { execution: 'me', finding: { account: '333333333333' }, asks } as Job;
  try {
    return admit(job, asked, { ...NOTHING, ...seen }, policy, NOW).kind;
  } catch (error) {
    return (error as Error).name;
  }
};

describe('an attempt that people asked for', () => {
  it.each<[what: string, kind: string, seen: Partial<Seen>, work: JobWork, asks?: Job['asks']]>([
    ['a rollback begins within the hour after the fix', 'admitted', others('FIXED'), work('rollback')],
    ['not while an execution has the finding', 'duplicate', others('OPEN'), work('rollback')],
    ['whatever caps and circuit say', 'admitted', { ...FULL, ...OPEN }, work('rollback')],
    ['not past the kill switch', 'Stopped', { stop: {} }, work('rollback')],
    ['what was rolled back is left alone', 'refused', others('ROLLED_BACK'), work('apply')],
    ['also by a plan', 'refused', others('ROLLED_BACK'), work('plan')],
    ['but not for who asks again', 'admitted', others('ROLLED_BACK'), work('apply'), { again: true }],
    ['again begins within the hour', 'admitted', others('FIXED'), work('apply'), { again: true }],
    ['not while an execution has the finding', 'duplicate', others('OPEN'), work('apply'), { again: true }],
    ['after five that failed', 'admitted', record({ executions: [...'12345'] }), work('apply'), { again: true }],
    ['not beyond the caps', 'capped', FULL, work('apply'), { again: true }],
    ['beyond the caps where that is asked for', 'admitted', FULL, work('apply'), { overCaps: true }],
    ['not past an open circuit', 'CircuitOpen', OPEN, work('apply'), { overCaps: true, again: true }],
    ['what was only planned holds up no change', 'admitted', others('PLANNED'), work('apply')],
    ['nor one that waits for approval', 'admitted', others('PLANNED'), work('plan', 'approve')],
    ['but is not planned twice', 'duplicate', others('PLANNED'), work('plan', 'observe')],
  ])('%s: %s', (_, kind, seen, asked, asks) => {
    expect(kindOf(seen, asked, asks)).toBe(kind);
  });
});
