/** The short names that people type for findings, executions and resources. Pure. */
import { hash } from '../../functions/domain/trace.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';

/** People see these digits of an id. They identify it unless another id begins with the same digits. */
export const SHORT_ID_DIGITS = 8;
/** A shorter beginning is more likely a typing mistake than a name. Whole names may be shorter. */
export const MIN_PREFIX = 4;

/** The way in which a text names something: whole, by its beginning, or not at all. */
export type NameMatch = 'whole' | 'prefix' | undefined;

/** Returns the digits that AWS gave the finding: its id after the last slash. */
export const ownDigits = (findingId: string): string => findingId.slice(findingId.lastIndexOf('/') + 1);

/** Returns the shortest beginnings, of eight digits or more, that tell these findings apart, in the same order. */
export function shortIds(findingIds: readonly string[]): string[] {
  const all = findingIds.map(ownDigits);
  for (let digits = SHORT_ID_DIGITS; ; digits += 4) {
    const short = all.map((each) => each.slice(0, digits));
    if (new Set(short).size === new Set(findingIds).size) return short;
    if (all.every((each) => each.length <= digits)) return [...findingIds];
  }
}

export const shortId = (findingId: string): string => shortIds([findingId])[0]!;

/**
 * Returns the resource's whole id and the names in it: `sg-3f2b` and `security-group/sg-3f2b` of a security group's
 * ARN, the name of a bucket, a user with and without its path.
 */
export function resourceNames(resource: string): string[] {
  const own = resource.startsWith('arn:') ? resource.split(':').slice(5).join(':') : resource;
  const starts = [0, ...[...own.matchAll(/[/:]/g)].map(({ index }) => index + 1)];
  return [...new Set([resource, ...starts.map((start) => own.slice(start))])].filter((name) => name !== '');
}

/** Returns the last and shortest of a resource's names that says which it is. */
export const resourceTail = (resource: string): string =>
  resourceNames(resource).findLast((name) => /\w{3}/.test(name)) ?? resource;

export function matchOf(text: string, names: readonly string[]): NameMatch {
  if (names.includes(text)) return 'whole';
  return text.length >= MIN_PREFIX && names.some((name) => name.startsWith(text)) ? 'prefix' : undefined;
}

const executionName = (execution: string): string => execution.slice(execution.lastIndexOf(':') + 1);

/** Returns how a text names a finding: by the finding's id, its last execution (and so an approval), or its resource. */
export function matchesFinding(
  text: string,
  { findingId, lastExecution, trace, ofResource }: LedgerListItem,
): { readonly itself: NameMatch; readonly resource: NameMatch } {
  const own = [findingId, ownDigits(findingId), lastExecution, executionName(lastExecution), trace];
  return {
    itself: matchOf(text.replace(/^suture-(?=[0-9a-f]{4,32}$)/, ''), own) ?? matchOf(text, own),
    resource: ofResource === undefined ? undefined : matchOf(text, resourceNames(ofResource)),
  };
}

/** Compares the text with the execution's ARN, name and source identity, and with their beginnings. */
export const matchesExecution = (text: string, execution: string): boolean =>
  matchOf(text.replace(/^suture-/, ''), [execution, executionName(execution), hash(execution)]) !== undefined;

/** Returns the control and the account of `EC2.13 111122223333`; undefined for every other text. */
export function controlWithAccount(text: string): { readonly control: string; readonly account: string } | undefined {
  const { control, account } = /^(?<control>[\w-]+\.\d+)\s+(?<account>\d{12})$/.exec(text.trim())?.groups ?? {};
  return control && account ? { control, account } : undefined;
}
