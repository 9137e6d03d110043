import type { Job } from '../domain/job.ts';
import type { LastArrival } from '../ports/finding-history.ts';
import type { TriageVerdict } from './decide.ts';

/** Ignores an event that reached triage before, or that is older than another event of the same finding. */
export function ignoreReplayedEvent(
  verdict: TriageVerdict,
  receivedAt: string,
  last: LastArrival | undefined,
): TriageVerdict & Pick<Job, 'result'> {
  if (!last || last.receivedAt < receivedAt) return verdict;
  const because = `${last.execution} handled this event, or a later one of the finding`;
  return {
    ...verdict,
    route: 'ignore',
    work: undefined,
    suppression: undefined,
    note: undefined,
    reason: because,
    result: { kind: 'duplicate', because },
  };
}
