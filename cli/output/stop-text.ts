import { plain } from '../../functions/domain/plain-text.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';

/** Follows "Suture is stopped". */
export function stopText(stopped: StopEntry): string {
  const { at, by, reason, also = [], all } = plain(stopped);
  return `since ${at ?? 'an unknown time'} (${all ? 'address ranges too' : 'of address ranges, only those that AWS publishes are still let in'}) by ${by ?? 'somebody'}: ${reason ?? 'no reason was given'}${also.map((each) => `, also by ${each}`).join('')}`;
}
