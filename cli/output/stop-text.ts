import { plain } from '../../functions/domain/plain-text.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';

/** Returns the words after "Suture is stopped". */
export function stopText(stopped: StopEntry): string {
  const { at, by, reason, also = [], all } = plain(stopped);
  const scope = all ? 'address ranges too' : 'of address ranges, only those that AWS publishes are still let in';
  const others = also.map((each) => `, also by ${each}`).join('');
  return `since ${at ?? 'an unknown time'} (${scope}) by ${by ?? 'somebody'}: ${reason ?? 'no reason was given'}${others}`;
}
