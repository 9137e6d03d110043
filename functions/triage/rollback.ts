/** The job that undoes a change, on a person's request. Pure. */
import type { Job } from '../domain/job.ts';
import type { RollbackOrder } from '../domain/start-options.ts';

export type RollbackFacts = {
  /** The job of the execution that made the change, from the ledger. */
  readonly changed: Job | undefined;
  readonly remediations: readonly { readonly id: string }[];
  readonly excluded: readonly string[];
};

/** Returns the job of a rollback, or its rejection. Requester and `force` come from the order, the rest from the ledger. */
export function rollbackJob(
  { askedBy, rollback }: RollbackOrder,
  { changed, remediations, excluded }: RollbackFacts,
): Omit<Job, 'v' | 'execution' | 'started'> {
  const finding = changed?.finding ?? { id: rollback.finding, productArn: 'unknown' };
  const reject = (reason: string) => ({ route: 'reject' as const, reason, finding, askedBy });
  const work = changed?.work;
  if (!changed || !work)
    return reject(`the ledger knows no change that ${rollback.execution} made because of this finding`);
  if (!remediations.some(({ id }) => id === work.remediation))
    return reject(`there is no remediation ${work.remediation} any more`);
  if (excluded.includes(finding.account!)) return reject(`account ${finding.account} is excluded`);
  return {
    route: 'remediate',
    reason: `undoes what ${rollback.execution} changed, because ${askedBy} asked for it`,
    finding,
    askedBy,
    work: { ...work, mode: 'rollback', ...(rollback.force && { force: true }) },
  };
}
