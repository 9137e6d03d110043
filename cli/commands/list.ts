import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import type { FilterOptions } from '../clients/findings.ts';
import type { Operator, OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import type { FindingListingFacts } from '../lists/finding-listing.ts';
import { NO_NAMES } from '../names/account-name.ts';
import type { FindingSelection } from '../names/select-findings.ts';
import { FILTER_OPTIONS, jsonOption, TIME_FORMS } from '../options/standard.ts';
import { parseWholeNumber } from '../options/whole-number.ts';
import { selectionIn } from '../options/writing.ts';
import { isExact, listText, OUTPUT_NOTES, OUTPUT_OPTION, type OutputOptions } from '../output/listing.ts';

export type ListOptions = FilterOptions &
  OperatorEnvironment &
  OutputOptions & {
    readonly waiting?: boolean;
    readonly limit?: number;
    readonly oldestFirst?: boolean;
    readonly after?: string;
    readonly follow?: boolean;
    /** Prints the changes that follow. */
    readonly print?: (line: string) => void;
  };

export default defineCommand<ListOptions>({
  name: 'list',
  heading: 'Look',
  summary: 'list findings by status, the newest change first',
  options: [
    ...FILTER_OPTIONS,
    {
      flags: '--status <status>',
      text: 'open, waiting, failed, fixed, compliant, refused, notified, planned, archived, ignored, rejected, rolled-back',
    },
    { flags: '--waiting', text: 'like --status waiting: for an approval, a cap or the owner' },
    { flags: '--resource <id>', text: 'of one resource, by its id or its own name' },
    { flags: '--error <name>', text: 'that failed with one error' },
    { flags: '--until <when>', text: `changed before: ${TIME_FORMS}` },
    { flags: '--limit <number>', text: 'at most this many on a page', parse: parseWholeNumber, default: 100 },
    { flags: '--after <cursor>', text: 'the next page, as the page before ends with it' },
    { flags: '--oldest-first', text: 'the oldest change first' },
    { flags: '--follow', text: 'then print changes as they come, until Ctrl-C' },
    OUTPUT_OPTION,
    jsonOption('a JSON array, like -o json'),
  ],
  notes: `
${OUTPUT_NOTES} The lines have status,
control, account, changed, resource, finding, why. The list includes what was ignored, rejected or archived.`.trim(),
  examples: [
    'suture list --status failed --since 2h',
    'suture list --account 333333333333 --control EC2.13',
    'suture list --ou /Production --severity critical -o csv > critical.csv',
    'suture list --status failed -o name | xargs -n 1 suture show',
    'suture list --waiting --follow',
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was listed', 1: 'it failed', 2: 'wrong usage, or a filter with a value that nothing has' },
  run: (options) => listCommand(options),
});

/** @throws UsageError if a filter has a wrong form, or nothing has its value */
export async function listCommand(options: ListOptions): Promise<string> {
  const { limit = 100, oldestFirst, after, follow, print = console.log } = options;
  const { resolveOperator } = await import('../clients/operator.ts');
  const { findingSelection } = await import('../names/select-findings.ts');
  const { findingPage } = await import('../lists/finding-page.ts');
  const operator = await resolveOperator(options);
  const filters = filtersIn(options);
  const selection = await findingSelection(operator, filters);
  const { isSelected } = selection;
  const page = await findingPage(operator, selection.filter, { limit, oldestFirst, after, isSelected });
  const text = await pageText(operator, page.findings, options, {
    more: page.next && `Next page: suture ${commandWords(filters, options, page.next)}`,
    footer: page.findings[0] && [`The story of one: suture show ${await shortIdOf(page.findings[0])}`],
  });
  if (!follow) return text;
  print(text);
  options.progress?.('Changes follow as they come; Ctrl-C ends.');
  return followChanges(operator, selection, page.findings, options, print);
}

function filtersIn(options: ListOptions): FilterOptions {
  const { resource, error, until } = options;
  return { status: statusIn(options), ...selectionIn(options), resource, error, until };
}

function statusIn({ status, waiting }: ListOptions): string | undefined {
  if (waiting && status !== undefined) throw new UsageError('Give --waiting or --status, not both.');
  return waiting ? 'waiting' : status;
}

async function pageText(
  operator: Operator,
  findings: readonly LedgerListItem[],
  options: ListOptions,
  below: Pick<FindingListingFacts, 'more' | 'footer'>,
): Promise<string> {
  const { accountBook, accountNames } = await import('../clients/account-book.ts');
  const { findingListing } = await import('../lists/finding-listing.ts');
  const ids = findings.flatMap(({ ofAccount }) => ofAccount ?? []);
  const accounts = isExact(options) ? NO_NAMES : await accountNames(accountBook(operator), ids);
  const nothing = await nothingText(filtersIn(options));
  return listText(
    findings,
    findingListing({ now: operator.now(), accounts, nothing, status: statusIn(options), ...below }),
    options,
  );
}

const shortIdOf = async ({ findingId }: LedgerListItem) => (await import('../names/short-names.ts')).shortId(findingId);

/** Names the filters, so that a person sees which of them is too narrow. */
async function nothingText(filters: FilterOptions): Promise<string> {
  const { notHandledText } = await import('../names/controls.ts');
  const words = filterWords(filters);
  const { control } = filters;
  if (words.length === 0) return 'The ledger has no finding yet.';
  const next = (control && notHandledText(control)) ?? 'One filter fewer may find it.';
  return `The ledger has no finding with ${words.join(' ')}. ${next}`;
}

const filterWords = (filters: FilterOptions): string[] =>
  Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, quoted(value)]));

const quoted = (value: string): string => (/^[\w.:/+=,@-]+$/.test(value) ? value : `'${value.replaceAll("'", '’')}'`);

function commandWords(
  filters: FilterOptions,
  { limit, oldestFirst, output, json }: ListOptions,
  after: string,
): string {
  return [
    'list',
    ...filterWords(filters),
    ...(limit === undefined || limit === 100 ? [] : ['--limit', limit]),
    ...(oldestFirst ? ['--oldest-first'] : []),
    ...formatWords({ output, json }),
    ...['--after', after],
  ].join(' ');
}

function formatWords({ output, json }: OutputOptions): string[] {
  if (output) return ['-o', output];
  return json ? ['--json'] : [];
}

async function followChanges(
  operator: Operator,
  selection: FindingSelection,
  known: readonly LedgerListItem[],
  options: ListOptions,
  print: (line: string) => void,
): Promise<never> {
  const { changesSince } = await import('../lists/finding-changes.ts');
  for await (const changes of changesSince(operator, selection, known)) {
    const text = await pageText(operator, changes, options, {});
    const isTable = options.isTerminal ?? process.stdout.isTTY;
    print(isTable && !options.output && !options.json ? text.slice(text.indexOf('\n') + 1) : text);
  }
  const { Interrupted } = await import('../errors/interrupted.ts');
  throw new Interrupted('No longer following.');
}
