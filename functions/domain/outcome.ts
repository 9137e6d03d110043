import type { Job, RemediationResult } from './job.ts';

export type Outcome =
  | 'FIXED'
  | 'COMPLIANT'
  | 'REFUSED'
  | 'NOTIFIED'
  | 'PLANNED'
  | 'ARCHIVED'
  | 'WAITING'
  | 'FAILED'
  | 'ROLLED_BACK';

export const LEFT_ALONE = 'it is left alone until somebody replays it with --again';

const OUTCOMES: Readonly<Record<RemediationResult['kind'], Outcome | null>> = {
  fixed: 'FIXED',
  compliant: 'COMPLIANT',
  refused: 'REFUSED',
  notified: 'NOTIFIED',
  planned: 'PLANNED',
  duplicate: null,
  deferred: 'WAITING',
};

/** Returns null for a job that was ignored, rejected or a duplicate. */
export function outcomeOf({
  route,
  work,
  result,
  approval,
}: Pick<Job, 'route' | 'work' | 'result' | 'approval'>): Outcome | null {
  if (approval && !approval.approved) return 'REFUSED';
  if (route === 'archive') return 'ARCHIVED';
  if (work?.mode === 'rollback' && (result?.kind === 'fixed' || result?.kind === 'compliant')) return 'ROLLED_BACK';
  return result ? OUTCOMES[result.kind] : null;
}
