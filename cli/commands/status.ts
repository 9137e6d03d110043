import { plain } from '../../functions/domain/plain-text.ts';
import type { Operator, OperatorEnvironment } from '../clients/operator.ts';
import type { StatusReport } from '../clients/status-report.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { parseWholeNumber } from '../options/whole-number.ts';
import { IS_TERMINAL, tabSeparated } from '../output/terminal.ts';
import { statusLine, statusPage, statusRows } from '../status/status-page.ts';

export type StatusOptions = OperatorEnvironment & {
  readonly json?: boolean;
  readonly days?: number;
  readonly watch?: boolean;
  /** Prints each state of a watch. */
  readonly print?: (text: string) => void;
};

/** A report takes some ten requests, most of them to the ledger. */
const WATCH_INTERVAL_MS = 15_000;

export default defineCommand<StatusOptions>({
  name: 'status',
  heading: 'Look',
  summary:
    'show the state of the installation: open, waiting, failed, fixed, archived; dead letters, throttles, stops, alarms',
  options: [
    {
      flags: '--days <number>',
      text: 'days whose fixes and archived findings are counted',
      parse: parseWholeNumber,
      default: 7,
    },
    { flags: '--watch', text: 'again every 15 seconds, until Ctrl-C; off a terminal, a line for each change' },
    jsonOption('one JSON object; with --watch, one line for each change'),
  ],
  notes:
    'If standard output is not a terminal, one tab-separated line for each thing: its kind, its name, how many or since when.',
  examples: ['suture status', 'suture status --watch', 'suture status --json | jq .p95'],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'nothing needs a person', 1: 'something does', 2: 'wrong usage' },
  run: (options) => statusCommand(options),
});

export async function statusCommand({ days = 7, ...options }: StatusOptions): Promise<CommandResult> {
  const { json, watch } = options;
  const { resolveOperator } = await import('../clients/operator.ts');
  const { readStatus } = await import('../clients/status-report.ts');
  const operator = await resolveOperator(options);
  if (watch) return watchStatus(operator, () => readStatus(operator, days), options);
  const report = await readStatus(operator, days);
  const failed = report.attention.length > 0;
  if (json) return { text: JSON.stringify(report, null, 2), failed };
  const shown = plain(report);
  return { text: IS_TERMINAL ? await pageOf(operator, shown) : tabSeparated(statusRows(shown)), failed };
}

/** Shows the newest state on a terminal; prints a line at each change to a pipe or a file. */
async function watchStatus(
  operator: Operator,
  read: () => Promise<StatusReport>,
  { json, print = console.log }: StatusOptions,
): Promise<never> {
  const { pause } = await import('../clients/pause.ts');
  for (let last = ''; ; ) {
    const report = await read();
    const line = json ? JSON.stringify(report) : statusLine(plain(report));
    const at = new Date(operator.now()).toISOString();
    if (IS_TERMINAL && !json) {
      process.stdout.write(CLEAR_SCREEN);
      print(`${at}  Ctrl-C ends.\n\n${await pageOf(operator, plain(report))}`);
    } else if (line !== last) print(json ? line : `${at}\t${line}`);
    last = line;
    if (!(await pause(operator, WATCH_INTERVAL_MS))) break;
  }
  const { Interrupted } = await import('../errors/interrupted.ts');
  throw new Interrupted('No longer watching.');
}

const CLEAR_SCREEN = '\u001b[H\u001b[2J';

async function pageOf(operator: Operator, report: StatusReport): Promise<string> {
  const { accountNamesIn } = await import('../clients/account-book.ts');
  const accounts = await accountNamesIn(operator, [...report.groups, ...Object.values(report.oldest)]);
  return statusPage(report, { accounts, now: operator.now() });
}
