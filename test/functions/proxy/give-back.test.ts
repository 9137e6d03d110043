import { describe, expect, it } from 'vitest';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import type { Leases } from '../../../functions/ledger/leases.ts';
import { giveBack } from '../../../functions/proxy/give-back.ts';

const job = { execution: 'me' } as Job;
const work = { lease: 'the group' } as JobWork;
const named = (name: string) => Object.assign(new Error(name), { name });

/** A ledger that refuses with these errors, one after the other. Answers how often it was asked, and what was reported. */
async function returned(...errors: readonly Error[]) {
  const left = [...errors];
  const reports: string[] = [];
  let asked = 0;
  const release = async () => {
    asked += 1;
    const error = left.shift();
    if (error) throw error;
  };
  await giveBack(job, work, { release } as unknown as Leases, (what) => reports.push(what));
  return { asked, reports };
}

describe('a lease', () => {
  const conflict = named('TransactionConflictException');
  it('is given back once', async () => expect(await returned()).toEqual({ asked: 1, reports: [] }));
  it('is given back in spite of those who ask for it', async () => {
    expect(await returned(conflict, conflict)).toEqual({ asked: 3, reports: [] });
  });
  it.each([
    ['others ask for it without end', 5, Array(9).fill(conflict)],
    ['the ledger fails', 1, [named('InternalServerError')]],
  ])('runs out, and says so, where %s', async (_, asked, errors) => {
    const reports = ['the lease could not be given back, so it runs out'];
    expect(await returned(...errors)).toEqual({ asked, reports });
  });
});
