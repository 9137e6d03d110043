import { plain } from '../../functions/domain/plain-text.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';

/** Returns the words after "Suture is stopped". */
export function stopText(stopped: StopEntry): string {
  const { at, by, reason, also = [], all } = plain(stopped);
  const scope = all ? ' (address ranges too)' : '';
  const others = also.map((each) => `, also by ${each}`).join('');
  return `since ${at ?? 'an unknown time'}${scope} by ${by ?? 'somebody'}: ${reason ?? 'no reason was given'}${others}`;
}

/** Returns a sentence about the updater of address ranges, for a stop that is not of everything. */
export const rangesText = ({ all }: StopEntry): string[] =>
  all
    ? []
    : ['The updater of address ranges, if you use it, still lets in what AWS publishes: stop --all stops that too.'];
