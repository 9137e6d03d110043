/** Events that EventBridge replays from an archive. Pure. */
import type { Job } from '../domain/job.ts';
import type { LastArrival } from '../ports/finding-history.ts';
import type { TriageVerdict } from './decide.ts';

/** Ignores an event that has reached triage before, or of whose finding a later one has. Returns other verdicts unchanged. */
export function ignoreReplayedEvent(
  verdict: TriageVerdict,
  receivedAt: string,
  last: LastArrival | undefined,
): TriageVerdict & Pick<Job, 'result'> {
  if (!last || last.receivedAt < receivedAt) return verdict;
  const because = `${last.execution} dealt with this event, or with a later one of the finding`;
  return {
    ...verdict,
    route: 'ignore',
    work: undefined,
    note: undefined,
    reason: because,
    result: { kind: 'duplicate', because },
  };
}
