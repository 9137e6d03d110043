import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';
import { jsonOption, TIME_FORMS } from '../options/standard.ts';
import { parseTime } from '../options/time.ts';
import type { ReportFormat } from '../report/report-formats.ts';

export type ReportOptions = OperatorEnvironment & {
  readonly from?: string;
  readonly to?: string;
  readonly format?: ReportFormat;
  readonly output?: string;
  readonly json?: boolean;
};

const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

export default defineCommand<ReportOptions>({
  name: 'report',
  heading: 'Look',
  summary: 'report on a time: outcomes, time to fix, recurrence, accounts and units, benchmarks',
  options: [
    { flags: '--from <when>', text: `its first day: ${TIME_FORMS}`, default: '30d' },
    { flags: '--to <when>', text: `its last day: ${TIME_FORMS} (default: today)` },
    { flags: '--format <format>', text: 'of the report', choices: ['md', 'csv', 'html'], default: 'md' },
    { flags: '--output <file>', text: 'write it to a file' },
    jsonOption('a JSON array of tables: id, title, note, headings, rows'),
  ],
  notes: `
Days are whole ones in UTC. The ledger keeps a year. The HTML is one file with its charts inside, which asks nothing of the
network. Benchmarks count the findings that fail now, as the security score does, and with the suppressed ones.`.trim(),
  examples: [
    'suture report --from 7d',
    'suture report --from 2026-10-01 --to 2026-12-31 --format html --output q4.html',
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options) => reportCommand(options),
});

/** @throws UsageError if the time is empty or longer than the ledger keeps */
export async function reportCommand(options: ReportOptions): Promise<string> {
  const { json, format = 'md', output } = options;
  const now = (options.now ?? Date.now)();
  const from = parseTime(options.from ?? '30d', now, '--from');
  const to = options.to === undefined ? new Date(now).toISOString() : parseTime(options.to, now, '--to');
  if (from > to) throw new UsageError(`--from (${from}) must not be after --to (${to}).`);
  if (Date.parse(to) - Date.parse(from) > MAX_DAYS * DAY_MS)
    throw new UsageError(`The ledger keeps ${MAX_DAYS} days at most; --from ${from} --to ${to} is longer.`);
  if (output !== undefined) await requireDirectory(fromCaller(output));
  const { resolveOperator } = await import('../clients/operator.ts');
  const { readReport } = await import('../report/read-report.ts');
  const { reportSections } = await import('../report/report-sections.ts');
  const { formatReport } = await import('../report/report-formats.ts');
  const range = { from: `${from.slice(0, 10)}T00:00:00.000Z`, to: `${to.slice(0, 10)}T23:59:59.999Z` };
  const facts = await readReport(await resolveOperator(options), range);
  const sections = reportSections(json || format === 'csv' ? { ...facts, names: undefined } : facts);
  const title = `Suture, ${from.slice(0, 10)} to ${to.slice(0, 10)}`;
  const text = json ? JSON.stringify(sections, null, 2) : formatReport(format, title, sections);
  if (output === undefined) return text;
  const { writeFile } = await import('node:fs/promises');
  const file = fromCaller(output);
  await writeFile(file, `${text}\n`);
  return `Written to ${file}.`;
}

/** Checks the directory before the report, which takes a while. */
async function requireDirectory(file: string): Promise<void> {
  const [{ existsSync }, { dirname }] = await Promise.all([import('node:fs'), import('node:path')]);
  if (!existsSync(dirname(file))) throw new UsageError(`${file}: there is no such directory.`);
}
