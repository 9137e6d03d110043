import { UsageError } from '../errors/usage-error.ts';

/**
 * Removes surrounding white space.
 * @throws UsageError if the reason is empty or too long
 */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > 300) throw new UsageError('--reason takes 1 to 300 characters that say why.');
  return reason;
}
