/**
 * Looks at the resource of a finding that stands with its owner and whose control passes now. Changes nothing. Pure.
 */
import type { JobWork } from '../domain/job.ts';
import type { Candidate } from './candidate.ts';
import type { Check } from './check.ts';
import { excludedByPolicy, LOOK_CHECKS } from './handling.ts';

const withItsOwner: Check<Candidate> = ({ facts: { ownersTurn } }) => ({
  check: 'with its owner',
  value: ownersTurn?.toldAt === undefined ? 'the owner was told' : `the owner was told ${ownersTurn.toldAt}`,
});

/** Neither policy's mode nor its exceptions matter, because nothing is changed. Nothing is read in excluded accounts. */
export const FIXED_BY_OWNER_CHECKS: readonly Check<Candidate>[] = [withItsOwner, excludedByPolicy, ...LOOK_CHECKS];

/**
 * Returns work that only reads, whatever policy says. Parameters that are too lax for Security Hub do not prevent a
 * look.
 */
export function lookOnlyWork({ unmet: _, ...work }: JobWork): JobWork {
  return { ...work, mode: 'plan', lookOnly: true, policy: { mode: 'observe', tags: {} } };
}

export const fixedByOwnerReason = ({ control, facts: { ownersTurn } }: Candidate): string =>
  `Security Hub says that ${control} passes, and the owner was told${ownersTurn?.toldAt === undefined ? '' : ` ${ownersTurn.toldAt}`}: looks whether the resource is fixed`;
