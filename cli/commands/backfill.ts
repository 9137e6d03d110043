/** `suture backfill`: observes or processes findings that Security Hub already has. */

import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { plain } from '../../functions/domain/plain-text.ts';
import type { Operator } from '../clients/operator.ts';
import { forEachPaced } from '../clients/pace.ts';
import type { OperatorRun } from '../clients/runs.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS, WRITE_EXIT_CODES } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { batchesOf } from '../input/batches.ts';
import { parseReason } from '../options/reason.ts';
import { NEW_FINDING_OPTIONS, WRITING_OPTIONS } from '../options/standard.ts';
import { parseWholeNumber } from '../options/whole-number.ts';
import type { WritingOptions } from '../options/writing.ts';
import { confirm } from '../output/confirm.ts';
import { countText } from '../output/count-text.ts';
import { IS_TERMINAL, problemLines, table, tabSeparated } from '../output/terminal.ts';

export type BackfillOptions = WritingOptions & {
  readonly severity?: string;
  readonly limit?: number;
  readonly apply?: boolean;
};

export type BackfillReport = {
  readonly run: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly started: number;
  /** Findings that --apply leaves alone because no run has observed them yet. */
  readonly unobserved: number;
  /** Findings that --apply leaves alone because they are settled or in progress. */
  readonly settled: number;
  readonly problems: readonly string[];
};

/** A tenth of StartExecution's quota; the functions afterwards take fewer calls. */
const STARTS_PER_SECOND = 10;
/** The API reads this many findings from Security Hub by their ids in one request. */
const FINDINGS_PER_REQUEST = 20;
/** Each request takes one GetFindings, of which Security Hub allows three a second. */
const REQUESTS_PER_SECOND = 2;
/** Statuses that a run without --apply leaves behind, or that may be retried. */
const OBSERVED_STATUSES: ReadonlySet<string> = new Set(['PLANNED', 'IGNORED', 'FAILED']);

export default defineCommand<BackfillOptions>({
  name: 'backfill',
  heading: 'Decide',
  summary: 'process findings that Security Hub already has; observe first, then apply',
  options: [
    ...NEW_FINDING_OPTIONS,
    ...WRITING_OPTIONS,
    { flags: '--limit <number>', text: 'at most this many', parse: parseWholeNumber },
    { flags: '--apply', text: 'make the changes that policy allows, of findings that were observed before' },
  ],
  notes: `
Without --apply everything is planned and recorded, and nothing written: suture list --status planned shows what would be
changed. With it, findings that were observed are processed as policy says; others are counted and left.
After Ctrl-C, the same command continues with the rest.`.trim(),
  examples: [
    'suture backfill --control EC2.13 --reason "first look"',
    'suture backfill --control EC2.13 --account 333333333333 --apply --reason "wave 1"',
  ],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: WRITE_EXIT_CODES,
  interruptible: true,
  run: (options) => backfillCommand(options),
});

export async function backfillCommand(options: BackfillOptions): Promise<CommandResult> {
  const { control, severity, since, limit, apply, dryRun, json, yes, show = () => {} } = options;
  const { collectNewFindings, controlOfFinding, isHandledControl } = await import('../clients/security-hub.ts');
  if (control !== undefined && !isHandledControl(control))
    throw new UsageError((await import('../names/controls.ts')).notFoundText(control));
  const reason = dryRun ? '' : parseReason(options.reason ?? '', 'first look');
  const { resolveOperator } = await import('../clients/operator.ts');
  const operator = await resolveOperator(options);
  const { accountBook } = await import('../clients/account-book.ts');
  const { accountIdOf } = await import('../names/account-id.ts');
  const account = options.account && (await accountIdOf(options.account, accountBook(operator)));
  const findings = await collectNewFindings(operator, { ...options, account });
  const byControl = Map.groupBy(findings, (finding) => controlOfFinding(finding) ?? '-');
  const counts = Object.fromEntries([...byControl].map(([name, group]) => [name, group.length]));
  const resultOf = (report: BackfillReport, text: string): CommandResult => ({
    text: json ? JSON.stringify(report, null, 2) : text,
    failed: report.problems.length > 0,
  });
  const nothing = { run: null, counts, started: 0, unobserved: 0, settled: 0, problems: [] };
  if (dryRun || findings.length === 0) return resultOf(nothing, countsText(plain(counts)));
  if (!json) show(countsText(plain(counts)));
  const { beginRun, requireRunPermission } = await import('../clients/runs.ts');
  if (!yes) await requireRunPermission(operator, 'backfills');
  const question = apply
    ? `Process ${countText(findings.length, 'finding')} as policy says, if observed before?`
    : `Observe ${countText(findings.length, 'finding')}? Nothing is written in any account.`;
  await confirm(question, { yes, refusal: 'Nothing was started.' });

  const selection = { control, account, severity, since, limit, apply };
  const run = await beginRun(operator, { kind: 'backfills', reason, selection });
  const remaining = findings.filter(({ Id }) => !run.completed.has(Id!));
  const { ids, unobserved, settled } = await splitFindings(remaining, operator, apply);
  const { started, problems } = await startExecutions(ids, run, operator, options);
  await run.end({ started, unobserved, settled, problems: problems.length, before: run.completed.size });
  const report = { run: run.id, counts, started, unobserved, settled, problems };
  return resultOf(report, reportText(plain(report), apply));
}

type FindingSplit = { readonly ids: readonly string[]; readonly unobserved: number; readonly settled: number };

/** Returns the findings to process, and counts the others by the reason why they are left alone. */
async function splitFindings(
  findings: readonly AwsSecurityFinding[],
  { ledger }: Operator,
  apply = false,
): Promise<FindingSplit> {
  const ids: string[] = [];
  let [unobserved, settled] = [0, 0];
  for (const { Id } of findings) {
    const record = await ledger.record(Id!);
    if (apply && !record) unobserved++;
    else if (record && !OBSERVED_STATUSES.has(record.ofStatus)) settled++;
    else ids.push(Id!);
  }
  return { ids, unobserved, settled };
}

async function startExecutions(
  ids: readonly string[],
  run: OperatorRun,
  operator: Operator,
  { apply = false, rate = STARTS_PER_SECOND }: BackfillOptions,
) {
  const { BackfillReply } = await import('../../functions/domain/api-runs.ts');
  const size = Math.min(rate, FINDINGS_PER_REQUEST);
  const batches = batchesOf(ids, size);
  const perSecond = Math.min(rate / size, REQUESTS_PER_SECOND);
  const problems: string[] = [];
  let started = 0;
  await forEachPaced(
    batches,
    operator,
    { perSecond, doneText: 'requests sent', total: batches.length },
    async (batch) => {
      try {
        const reply = BackfillReply.parse(await run.send({ findings: batch, apply }));
        started += Object.keys(reply.results).length;
        problems.push(...reply.problems);
      } catch (error) {
        problems.push(...batch.map((id) => `${id}: ${error instanceof Error ? error.message : error}`));
      }
    },
  );
  return { started, problems };
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).map(([control, count]) => [control, String(count)]);
  if (!IS_TERMINAL) return tabSeparated(rows);
  return rows.length === 0 ? 'Security Hub has no new finding of that kind.' : table(['control', 'new findings'], rows);
}

function reportText({ started, unobserved, settled, problems }: BackfillReport, apply = false): string {
  return [
    `${countText(started, 'execution')} begun.`,
    ...(unobserved > 0
      ? [
          `${countText(unobserved, 'finding was', 'findings were')} left: run the command without --apply first, and look at what would be changed.`,
        ]
      : []),
    ...(settled > 0
      ? [`${countText(settled, 'finding was', 'findings were')} left alone: settled or in progress.`]
      : []),
    ...problemLines(problems),
    `The results: suture list --since 1h${apply ? '' : ' --status planned'}`,
  ].join('\n');
}
