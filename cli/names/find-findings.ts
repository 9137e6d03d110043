/** Finds findings by a name: whole, a beginning, a resource, or a control with an account. */

import { suggestion } from '../../functions/domain/nearest.ts';
import { plain, plainText } from '../../functions/domain/plain-text.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { accountBook, accountNamesIn } from '../clients/account-book.ts';
import { listFindings } from '../clients/findings.ts';
import { executionArn, type Operator } from '../clients/operator.ts';
import { UsageError } from '../errors/usage-error.ts';
import { batchesOf } from '../input/batches.ts';
import { accountIdOf } from './account-id.ts';
import { accountName, NO_NAMES } from './account-name.ts';
import { canonicalControl, isKnownControl, unknownControlText } from './controls.ts';
import {
  controlWithAccount,
  matchesExecution,
  matchesFinding,
  ownDigits,
  resourceTail,
  shortIds,
} from './short-names.ts';

/** An error lists at most this many matches. */
const MAX_MATCHES = 20;

/**
 * Returns the ids of the findings that a name stands for: one finding, or all findings of one resource.
 * @param name a finding's id, an execution (ARN, name, source identity or its approval's id), a resource (its id or its
 * own name), a beginning of one of them or of an earlier execution, or a control with an account
 * @throws UsageError if the ledger has nothing under that name, or several things, which the message lists
 */
export async function findingIdsNamed(operator: Operator, name: string): Promise<string[]> {
  const whole = await namedWhole(operator, name);
  if (whole.length > 0) return whole;
  const matches = await matchesOf(operator, name);
  if (matches.length === 0) matches.push(...(await matchesOfExecutions(operator, name)));
  const [first, ...more] = matches;
  if (!first) throw new UsageError(await unknownText(operator, name));
  const areOfOneResource = first.isResource && more.every(({ item }) => item.ofResource === first.item.ofResource);
  if (more.length > 0 && !areOfOneResource)
    throw new UsageError(
      await ambiguityOf(
        operator,
        name,
        matches.map(({ item }) => item),
      ),
    );
  return matches.map(({ item }) => item.findingId);
}

/**
 * Returns the id of the one finding that a name stands for.
 * @throws UsageError like `findingIdsNamed`, and if the name's resource has several findings
 */
export async function findingIdNamed(operator: Operator, name: string): Promise<string> {
  const [id, ...more] = await findingIdsNamed(operator, name);
  if (more.length === 0) return id!;
  const records = await Promise.all([id!, ...more].map((each) => operator.ledger.record(each)));
  throw new UsageError(
    await ambiguityOf(
      operator,
      name,
      records.filter((each) => each !== undefined),
    ),
  );
}

/** Reads no more than the records under the name. */
async function namedWhole(operator: Operator, name: string): Promise<string[]> {
  const { ledger } = operator;
  if (await ledger.record(name)) return [name];
  const execution = await ledger.byExecution(isExecutionName(name) ? executionArn(operator, name) : name);
  if (execution) return [execution.findingId];
  const idsOfResource: string[] = [];
  for await (const { findingId } of listFindings(operator, { resource: name })) idsOfResource.push(findingId);
  if (idsOfResource.length > 0) return idsOfResource;
  return (await ledger.history(name)).length > 0 ? [name] : [];
}

/** Excludes ARNs and the 32 digits of a source identity. */
const isExecutionName = (name: string): boolean => /^[\w-]{1,80}$/.test(name) && !/^(suture-)?[0-9a-f]{32}$/.test(name);

type Match = { readonly item: LedgerListItem; readonly isWhole: boolean; readonly isResource: boolean };

/** Returns the findings that the text names whole, or else all that it names by a beginning. */
async function matchesOf(operator: Operator, name: string): Promise<Match[]> {
  const pair = controlWithAccount(name) ?? (await controlWithAccountName(operator, name)) ?? controlAlone(name);
  const filter = pair ? { ...pair, control: canonicalControl(pair.control) } : { mentions: mentionIn(name) };
  const matches: Match[] = [];
  for await (const item of listFindings(operator, filter)) {
    const { itself, resource } = pair ? { itself: 'whole' as const, resource: undefined } : matchesFinding(name, item);
    if (itself ?? resource)
      matches.push({ item, isWhole: (itself ?? resource) === 'whole', isResource: itself === undefined });
  }
  const whole = matches.filter(({ isWhole }) => isWhole);
  return whole.length > 0 ? whole : matches;
}

/** The beginning of an execution's name, or its ARN. */
const EXECUTION_BEGINNING = /^(?:suture-)?[0-9a-f][0-9a-f_-]{3,}$|:execution:/;
const CONCURRENT_READS = 20;
/** A mistyped id must not read the history of every finding of a large organization. */
const MAX_HISTORIES = 1000;

/**
 * Returns the findings of which an earlier execution begins with the text, among those that changed last. No index has
 * executions, so it reads the history of each finding.
 */
async function matchesOfExecutions(operator: Operator, name: string): Promise<Match[]> {
  if (!EXECUTION_BEGINNING.test(name)) return [];
  const items: LedgerListItem[] = [];
  for await (const item of listFindings(operator, {})) items.push(item);
  const newest = items.toSorted((a, b) => (a.changedAt > b.changedAt ? -1 : 1)).slice(0, MAX_HISTORIES);
  const matches: Match[] = [];
  for (const batch of batchesOf(newest, CONCURRENT_READS)) {
    const executions = await Promise.all(batch.map(({ findingId }) => operator.ledger.executionsOf(findingId)));
    const found = batch.filter((_, n) => executions[n]!.some((each) => matchesExecution(name, each)));
    matches.push(...found.map((item) => ({ item, isWhole: false, isResource: false })));
  }
  return matches;
}

/** Parses `EC2.13 shop-production`. */
async function controlWithAccountName(operator: Operator, name: string) {
  const [control = '', ...words] = name.trim().split(/\s+/);
  if (words.length === 0 || !CONTROL.test(control)) return undefined;
  if (!isKnownControl(control)) throw new UsageError(unknownControlText(control));
  return { control, account: await accountIdOf(words.join(' '), accountBook(operator)) };
}

const CONTROL = /^[A-Za-z]\w*\.\d+$/;

/** Accepts a control without an account. If several findings match, the error lists them. */
const controlAlone = (name: string): { readonly control: string } | undefined =>
  CONTROL.test(name) && isKnownControl(name) ? { control: name } : undefined;

/** Removes the word before the digits of a source identity, which the ledger does not store. */
const mentionIn = (name: string): string => name.replace(/^suture-(?=[0-9a-f]{4,32}$)/, '');

const UNKNOWN_HINT =
  'A beginning takes four characters; a control takes an account after it, by its id or its name: EC2.13 111122223333. A finding that no rule matches leaves no record. What there is: suture list';

/** Suggests the nearest control, account or short id, as the filters of `suture list` do. */
async function unknownText(operator: Operator, name: string): Promise<string> {
  const pair = controlWithAccount(name);
  if (pair && !isKnownControl(pair.control)) return unknownControlText(pair.control);
  const book = accountBook(operator);
  const known = pair ? await book.ids() : [];
  if (pair && known.length > 0 && !known.includes(pair.account))
    return `There is no account "${pair.account}" in the organization${suggestion(pair.account, known) || '.'}`;
  const isShortId = /^[0-9a-f]{8,36}$/.test(name);
  const near = isShortId ? suggestion(name, await beginningsOf(operator, name.length)) : '';
  return `The ledger has no finding, execution or resource "${plainText(name)}"${near || '.'} ${UNKNOWN_HINT}`;
}

async function beginningsOf(operator: Operator, length: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { findingId } of listFindings(operator, {})) found.push(ownDigits(findingId).slice(0, length));
  return found;
}

async function ambiguityOf(operator: Operator, name: string, items: readonly LedgerListItem[]): Promise<string> {
  const accounts = items.slice(0, MAX_MATCHES).map(({ ofAccount: account }) => ({ account }));
  return ambiguousText(name, items, undefined, await accountNamesIn(operator, accounts));
}

/** Lists the facts that tell the findings apart. A resource that does not fit into the line gets a line of its own. */
export function ambiguousText(
  name: string,
  items: readonly LedgerListItem[],
  width = process.stderr.columns || Number.POSITIVE_INFINITY,
  names = NO_NAMES,
): string {
  const ids = shortIds(items.map(({ findingId }) => findingId));
  const rows = plain(items)
    .slice(0, MAX_MATCHES)
    .map(({ ofControl = '-', ofAccount = '-', region = '-', ofStatus, ofResource }, n) => {
      const resource = ofResource === undefined ? '-' : resourceTail(ofResource);
      return [
        ids[n]!,
        ofControl,
        accountName(ofAccount, names),
        region,
        ofStatus.toLowerCase().replaceAll('_', '-'),
        resource,
      ];
    });
  const widths = rows[0]!.map((_, n) => Math.max(...rows.map((row) => row[n]!.length)));
  return [
    `"${plainText(name)}" names ${items.length} findings. Give the id of one:`,
    ...rows.flatMap((row) => {
      const line = `  ${row.map((cell, n) => cell.padEnd(widths[n]!)).join('  ')}`.trimEnd();
      if (line.length <= width) return [line];
      return [line.slice(0, -row.at(-1)!.length).trimEnd(), `    ${row.at(-1)}`];
    }),
    ...(items.length > MAX_MATCHES ? [`  and ${items.length - MAX_MATCHES} more`] : []),
  ].join('\n');
}
