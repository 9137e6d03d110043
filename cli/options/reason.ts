import { UsageError } from '../errors/usage-error.ts';

/**
 * Removes surrounding white space.
 * @param example a reason that fits the command
 * @throws UsageError if the reason is empty or too long
 */
export function parseReason(text: string, example = 'the role is there now'): string {
  const reason = text.trim();
  if (reason === '')
    throw new UsageError(`Say why: --reason takes 1 to 300 characters, such as --reason "${example}".`);
  if (reason.length > 300) throw new UsageError(`--reason takes 1 to 300 characters, not ${reason.length}.`);
  return reason;
}
