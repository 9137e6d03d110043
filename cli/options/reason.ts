/** Why somebody does something: it is read by others, who must decide by it. */
import { UsageError } from '../errors/usage-error.ts';

/** @throws UsageError where it says nothing, or too much to be kept */
export function checkedReason(reason: string): string {
  const words = reason.trim();
  if (words === '' || words.length > 300) throw new UsageError('--reason takes 1 to 300 characters that say why.');
  return words;
}
