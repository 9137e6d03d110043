import { describe, expect, it } from 'vitest';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import type { Leases } from '../../../functions/ports/leases.ts';
import { releaseLease } from '../../../functions/proxy/release-lease.ts';

const JOB = { execution: 'me' } as Job;
const WORK = { lease: 'the group' } as JobWork;
const named = (name: string) => Object.assign(new Error(name), { name });

async function releaseAgainst(...errors: readonly Error[]) {
  const left = [...errors];
  const warnings: string[] = [];
  let attempts = 0;
  const release = async () => {
    attempts += 1;
    const error = left.shift();
    if (error) throw error;
  };
  await releaseLease(JOB, WORK, { release } as unknown as Leases, (what) => warnings.push(what));
  return { attempts, warnings };
}

describe('a lease', () => {
  const conflict = named('TransactionConflictException');
  it('is released once', async () => expect(await releaseAgainst()).toEqual({ attempts: 1, warnings: [] }));
  it('is released despite conflicts', async () => {
    expect(await releaseAgainst(conflict, conflict)).toEqual({ attempts: 3, warnings: [] });
  });
  it.each([
    ['conflicts do not end', 5, Array(9).fill(conflict)],
    ['the ledger fails', 1, [named('InternalServerError')]],
  ])('expires, with a warning, where %s', async (_, attempts, errors) => {
    const warnings = ['the lease could not be released, so it will expire'];
    expect(await releaseAgainst(...errors)).toEqual({ attempts, warnings });
  });
});
