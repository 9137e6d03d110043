/** The `--reason` of a command. Other people read it later and decide by it. */
import { UsageError } from '../errors/usage-error.ts';

/** Returns the reason without surrounding white space. @throws UsageError when it is empty or too long */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > 300) throw new UsageError('--reason takes 1 to 300 characters that say why.');
  return reason;
}
