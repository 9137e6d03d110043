import type { StopEntry } from '../../functions/ports/kill-switch.ts';

/** Follows "Suture is stopped". */
export const stopText = ({ at, by, reason, all }: StopEntry): string =>
  `since ${at ?? 'an unknown time'} by ${by ?? 'somebody'}: ${reason ?? 'no reason was given'} (${all ? 'address ranges too' : 'of address ranges, only those that AWS publishes are still let in'})`;
