/** Turns a verdict into one that writes nothing, at a person's request. Pure. */
import type { Mode } from '../domain/policy.ts';
import type { StartOptions } from '../domain/start-options.ts';
import type { TriageVerdict } from './decide.ts';

/** Plans what policy would change, and ignores what it would archive. */
export function planOnly(verdict: TriageVerdict, options: StartOptions | undefined): TriageVerdict {
  if (options?.mode !== 'plan') return verdict;
  const { work } = verdict;
  if (verdict.route === 'archive')
    return {
      ...verdict,
      route: 'ignore',
      suppression: undefined,
      note: undefined,
      reason: `would be archived: ${verdict.reason}`,
    };
  if (!work) return verdict;
  const tags = Object.fromEntries(Object.entries(work.policy.tags).map(([tag, mode]) => [tag, atMostObserve(mode)]));
  return {
    ...verdict,
    route: 'remediate',
    reason: `${verdict.reason}; only planned, because a person asked for that`,
    work: {
      ...work,
      mode: 'plan',
      policy: { ...work.policy, mode: atMostObserve(work.policy.mode), tags, byRisk: undefined },
    },
  };
}

const atMostObserve = (mode: Mode): Mode => (mode === 'off' ? 'off' : 'observe');
