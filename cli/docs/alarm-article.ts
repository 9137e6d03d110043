/** Finds the article of the runbook for an alarm by their names. A test compares the result with the alarms' descriptions. */
import { installedNames } from '../clients/installed-names.ts';

/** The article of all functions that have none of their own for an alarm of this kind, such as `function-throttled`. */
const OF_ALL_FUNCTIONS = 'function-';

/**
 * Returns the article for `suture-report-throttled`, with or without the installation's prefix.
 *
 * @param articles names of the runbook's sections
 */
export function articleOfAlarm(alarm: string, articles: readonly string[]): string | undefined {
  const own = installedNames().own('');
  const name = alarm.startsWith(own) ? alarm.slice(own.length) : alarm;
  const [first, last] = [name.split('-')[0]!, name.split('-').at(-1)!];
  const longest = (matches: (article: string) => boolean): string | undefined =>
    articles.filter((article) => article.includes('-') && matches(article)).toSorted((a, b) => b.length - a.length)[0];
  return (
    longest((article) => article === name) ??
    // Similar alarms share an article: `ledger-throttled` is the one of `ledger-writes-throttled`.
    longest((article) => article === `${first}-${last}`) ??
    longest((article) => article === `${OF_ALL_FUNCTIONS}${last}`) ??
    // The name of another installation begins with its prefix.
    longest((article) => name.endsWith(`-${article}`))
  );
}
