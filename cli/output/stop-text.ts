import type { StopEntry } from '../../functions/ports/kill-switch.ts';

/** Follows "Suture is stopped". */
export const stopText = ({ at, by, reason }: StopEntry): string =>
  `since ${at ?? 'an unknown time'} by ${by ?? 'somebody'}: ${reason ?? 'no reason was given'}`;
