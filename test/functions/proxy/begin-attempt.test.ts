import { type CancellationReason, type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { dynamoLeases } from '../../../functions/ledger/leases.ts';
import type { AttemptFacts, Leases } from '../../../functions/ports/leases.ts';
import { beginAttempt } from '../../../functions/proxy/begin-attempt.ts';
import { NO_FACTS } from './attempt-facts.ts';

const policy = SuturePolicy.parse({ version: 1, controls: {}, caps: { perAccountAndHour: 10 } });
const JOB = { execution: 'me', reason: '', finding: { id: 'finding', account: '333333333333' } } as Job;
const WORK = { remediation: 'ec2/close-admin-ports', mode: 'apply', lease: 'the group' } as JobWork;

function ledger(facts: readonly Partial<AttemptFacts>[], conflicts = 0) {
  const did: string[] = [];
  let looks = 0;
  const leases: Leases = {
    readFacts: async () => ({ ...NO_FACTS, ...facts[Math.min(looks++, facts.length - 1)] }),
    take: async () => did.push('take') > conflicts,
    release: async () => {},
    uncount: async () => {},
    recordCap: async (_, cap, account) => void did.push(`cap of ${cap} in ${account ?? 'the organization'}`),
  };
  const warnings: string[] = [];
  return { leases, did, warnings, open: () => beginAttempt(JOB, WORK, policy, leases, (what) => warnings.push(what)) };
}

describe('beginning an attempt', () => {
  it('takes the lease', async () => {
    const { open, did } = ledger([{}]);
    expect(await open()).toMatchObject({ kind: 'admitted', trials: [] });
    expect(did).toEqual(['take']);
  });
  it('reads again after a conflict, and decides by the new facts', async () => {
    const taken = ledger(
      [{}, { record: { execution: 'other', blockedUntil: Number.POSITIVE_INFINITY, executions: [] } }],
      1,
    );
    expect(await taken.open()).toMatchObject({ kind: 'duplicate' });
    const spent = ledger([{ inAccount: 9 }, { inAccount: 10 }], 1);
    expect(await spent.open()).toMatchObject({ kind: 'capped' });
  });
  it('leaves further retries to the workflow after four conflicts', async () => {
    const { open, did } = ledger([{}], 100);
    await expect(open()).rejects.toMatchObject({ name: 'ResourceBusy' });
    expect(did).toHaveLength(4);
  });
  it('records a cap that was reached', async () => {
    const { open, did } = ledger([{ inAccount: 10 }]);
    expect(await open()).toMatchObject({ kind: 'capped', cap: 10 });
    expect(did).toEqual(['cap of 10 in 333333333333']);
  });
  it('keeps the last known owner in the record, so that a retry after a crash knows it', async () => {
    const owner = { name: 'shop', because: 'policy', places: [] };
    const { open, leases } = ledger([{ record: { executions: [], owner } }]);
    const taken: unknown[] = [];
    leases.take = async (job) => taken.push(job.owner) > 0;
    expect(await open()).toMatchObject({ kind: 'admitted', owner });
    expect(taken).toEqual([owner]);
  });
  it('also waits if the cap cannot be recorded', async () => {
    const { open, leases, warnings } = ledger([{ inAccount: 10 }]);
    leases.recordCap = () => Promise.reject(new Error('busy'));
    expect(await open()).toMatchObject({ kind: 'capped', cap: 10 });
    expect(warnings).toEqual(['a reached cap could not be recorded']);
  });
});

describe('a transaction that DynamoDB cancels', () => {
  const NONE: CancellationReason = { Code: 'None' };
  const REFUSED: CancellationReason = { Code: 'ConditionalCheckFailed' };
  const CONFLICT: CancellationReason = { Code: 'TransactionConflict' };
  const HELD: CancellationReason = { ...REFUSED, Item: { execution: { S: 'other' } } };
  const takes = { trials: ['organization'] as const, count: { cap: 10, shard: 0, share: 1 } };

  const taking = (reasons: readonly CancellationReason[]) => {
    const CancellationReasons = [...reasons];
    const send = () =>
      Promise.reject(new TransactionCanceledException({ $metadata: {}, message: '', CancellationReasons }));
    return dynamoLeases('ledger', { send } as unknown as DynamoDBClient).take(JOB, WORK, NO_FACTS, takes);
  };

  // In the order of the transaction's items: kill switch, finding, lease, the account's counter, the organization's,
  // circuit.
  it.each<[what: string, reasons: CancellationReason[]]>([
    ['for a kill switch that was set since', [REFUSED, NONE, NONE, NONE, NONE, NONE]],
    ['for a kill switch that is being set', [CONFLICT, NONE, NONE, NONE, NONE, NONE]],
    ['for the kill switch and the lease', [REFUSED, NONE, HELD, NONE, NONE, NONE]],
    ['for another transaction on a counter', [NONE, NONE, NONE, NONE, CONFLICT, NONE]],
    ['for a finding that another execution opened', [NONE, REFUSED, NONE, NONE, NONE, NONE]],
    ['for a counter that has become full', [NONE, NONE, NONE, REFUSED, NONE, NONE]],
    ['for a trial that another execution has taken', [NONE, NONE, NONE, NONE, NONE, REFUSED]],
    ['for the lease and the finding', [NONE, REFUSED, HELD, NONE, NONE, NONE]],
  ])('%s is decided again', async (_, reasons) => {
    expect(await taking(reasons)).toBe(false);
  });
  it('for the lease alone is ResourceBusy, with its holder', async () => {
    const refused = taking([NONE, NONE, HELD, NONE, NONE, NONE]);
    await expect(refused).rejects.toMatchObject({ name: 'ResourceBusy', message: expect.stringContaining('by other') });
  });
  it('for lack of capacity is Throttled', async () => {
    const refused = taking([{ Code: 'ThrottlingError', Message: 'too fast' }, NONE, NONE, NONE, NONE, NONE]);
    await expect(refused).rejects.toMatchObject({ name: 'Throttled', message: expect.stringContaining('too fast') });
  });
});
