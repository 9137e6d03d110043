import { UsageError } from '../errors/usage-error.ts';

/**
 * Returns paths by account.
 * @throws UsageError if a text has a wrong form, or an account comes twice
 */
export function parseUnits(texts: readonly string[]): Map<string, string> {
  const units = new Map<string, string>();
  for (const text of texts) {
    const [, account, path] = /^(\d{12})=(\/|(?:\/[^/]+)+)$/.exec(text) ?? [];
    if (account === undefined || path === undefined)
      throw new UsageError(`--ou takes an account and the path of its unit, 111122223333=/Workloads, not "${text}".`);
    if (units.has(account)) throw new UsageError(`--ou names the account ${account} twice.`);
    units.set(account, path);
  }
  return units;
}
