/** What people ask of an execution, and what the archive brings a second time, as it changes what triage decided. Pure. */

import type { RollbackOrder, Wishes } from '../domain/asked.ts';
import type { Job } from '../domain/job.ts';
import type { Mode } from '../domain/policy.ts';
import type { DealtWith } from '../ledger/dealt-with.ts';
import type { TriageVerdict } from './decide.ts';

/** What would happen, with nothing written: what policy lets be changed is planned, and what it suppresses is left. */
export function asWished(verdict: TriageVerdict, asks: Wishes | undefined): TriageVerdict {
  if (asks?.mode !== 'plan') return verdict;
  const { work } = verdict;
  if (verdict.route === 'archive')
    return { ...verdict, route: 'ignore', note: undefined, reason: `would be archived: ${verdict.reason}` };
  if (!work) return verdict;
  const tags = Object.fromEntries(Object.entries(work.policy.tags).map(([tag, mode]) => [tag, observed(mode)]));
  return {
    ...verdict,
    route: 'remediate',
    reason: `${verdict.reason}; only observed, because somebody asked for it`,
    work: { ...work, mode: 'plan', policy: { mode: observed(work.policy.mode), tags } },
  };
}

const observed = (mode: Mode): Mode => (mode === 'off' ? 'off' : 'observe');

/** An event that the archive brings again, when it or a later one of the finding came to triage already. */
export function cameAlready(
  verdict: TriageVerdict,
  receivedAt: string,
  record: DealtWith | undefined,
): TriageVerdict & Pick<Job, 'result'> {
  if (!record || record.receivedAt < receivedAt) return verdict;
  const because = `${record.execution} dealt with this event, or with a later one of the finding`;
  return {
    ...verdict,
    route: 'ignore',
    work: undefined,
    note: undefined,
    reason: because,
    result: { kind: 'duplicate', because },
  };
}

export type RollbackFacts = {
  /** The case of the execution that made the change, from the ledger. */
  readonly changed: Job | undefined;
  readonly remediations: readonly { readonly id: string }[];
  readonly excluded: readonly string[];
};

/** The case that undoes a change: everything is the ledger's but who asks, and whether it is forced. */
export function rollbackOf(
  { askedBy, rollback }: RollbackOrder,
  { changed, remediations, excluded }: RollbackFacts,
): Omit<Job, 'v' | 'execution' | 'started'> {
  const finding = changed?.finding ?? { id: rollback.finding, productArn: 'unknown' };
  const no = (reason: string) => ({ route: 'reject' as const, reason, finding, askedBy });
  const work = changed?.work;
  if (!changed || !work)
    return no(`the ledger knows no change that ${rollback.execution} made because of this finding`);
  if (!remediations.some(({ id }) => id === work.remediation))
    return no(`there is no remediation ${work.remediation} any more`);
  if (excluded.includes(finding.account!)) return no(`account ${finding.account} is excluded`);
  return {
    route: 'remediate',
    reason: `undoes what ${rollback.execution} changed, because ${askedBy} asked for it`,
    finding,
    askedBy,
    work: { ...work, mode: 'rollback', ...(rollback.force && { force: true }) },
  };
}
