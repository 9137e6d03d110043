/** `suture backfill`: findings that Security Hub has already, as if they came now. Observed first, then applied. */
import { type AwsSecurityFinding, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { isThrottling } from '../../functions/contract/errors.ts';
import type { Wishes } from '../../functions/domain/asked.ts';
import { controlsOf } from '../../functions/domain/controls.ts';
import type { Finding, FindingEvent } from '../../functions/domain/finding.ts';
import { hash } from '../../functions/domain/trace.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { beginRun } from '../clients/audit.ts';
import { executionsOf } from '../clients/executions.ts';
import { type Operator, operatorIn } from '../clients/operator.ts';
import { paced } from '../clients/pace.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { checkedReason } from '../options/reason.ts';
import { timeOf } from '../options/selection.ts';
import type { WritingOptions } from '../options/writing.ts';
import { confirmed } from '../output/confirm.ts';
import { onTerminal, table, tabSeparated } from '../output/terminal.ts';

export type BackfillOptions = WritingOptions & {
  readonly severity?: string;
  readonly limit?: number;
  readonly apply?: boolean;
};

export type BackfillReport = {
  readonly run: string | null;
  /** New findings of controls that a remediation handles, by control. */
  readonly found: Readonly<Record<string, number>>;
  readonly started: number;
  /** With --apply: findings that nobody has observed yet; they are left. */
  readonly unobserved: number;
  /** With --apply: findings that are settled, or under way, already. */
  readonly settled: number;
  readonly problems: readonly string[];
};

/** Milliseconds between two pages: Security Hub takes 3 a second. */
const PAGES = 400;
/** Executions started a second: a tenth of the quota, and gentle to what follows. */
const RATE = 10;
/** What a run without --apply leaves behind, and what may be tried again. */
const OBSERVED: ReadonlySet<string> = new Set(['PLANNED', 'IGNORED', 'FAILED']);
/** The newest page may be asked for again after a throttle, this often. */
const THROTTLES = 8;

/** `failed` when an execution could not be started. */
export async function backfillCommand(options: BackfillOptions): Promise<{ text: string; failed: boolean }> {
  const { control, account, severity, since, limit, apply, dryRun, json, yes, show = () => {} } = options;
  if (control !== undefined && !handled.has(control))
    throw new UsageError(`No remediation handles ${control}. What is handled: npm run -s suture -- catalogue`);
  const reason = dryRun ? '' : checkedReason(options.reason ?? '');
  const operator = await operatorIn(options);
  const findings = await collected(operator, options);
  const found = Object.fromEntries(
    [...Map.groupBy(findings, controlOf)].map(([name, those]) => [name ?? '-', those.length]),
  );
  const report = (more: Partial<BackfillReport>): BackfillReport => ({
    run: null,
    found,
    started: 0,
    unobserved: 0,
    settled: 0,
    problems: [],
    ...more,
  });
  if (dryRun || findings.length === 0) return { text: json ? inJson(report({})) : counts(found), failed: false };
  if (!json) show(counts(found));
  const question = apply
    ? `Deal with ${findings.length} findings as policy says, as far as they were observed?`
    : `Observe ${findings.length} findings? Nothing is written in any account.`;
  if (!(await confirmed(question, { yes }))) throw new Failure('Nothing was begun.');

  const executions = executionsOf(operator);
  const selection = { control, account, severity, since, limit, apply };
  const run = await beginRun(operator, { action: 'backfill', reason, selection });
  const problems: string[] = [];
  let [started, unobserved, settled] = [0, 0, 0];
  const left = findings.filter(({ Id }) => !run.done.has(Id!));
  const pace = { perSecond: options.rate ?? RATE, doing: 'begun', total: left.length };
  await paced(left, operator, pace, async (finding) => {
    const record = await operator.ledger.record(finding.Id!);
    if (apply && !record) return void unobserved++;
    if (record && !OBSERVED.has(record.ofStatus)) return void settled++;
    try {
      const input = eventOf(finding, run.id, operator, apply ? undefined : { mode: 'plan' });
      await run.did(finding.Id!, () => executions.start(`backfill-${run.id}-${hash(finding.Id!)}`, input));
      started++;
    } catch (error) {
      problems.push(`${finding.Id}: ${error instanceof Error ? error.message : error}`);
    }
  });
  await run.end({ started, unobserved, settled, problems: problems.length, before: run.done.size });
  const done = report({ run: run.id, started, unobserved, settled, problems });
  return { text: json ? inJson(done) : inWords(done, apply), failed: problems.length > 0 };
}

const handled = new Set(remediations.flatMap(({ handles }) => handles.controls as readonly string[]));

/** All pages first: what executions write takes findings out of what is being paged through. */
async function collected(operator: Operator, options: BackfillOptions): Promise<AwsSecurityFinding[]> {
  const findings: AwsSecurityFinding[] = [];
  for await (const finding of existing(operator, options)) {
    if (!handled.has(controlOf(finding) ?? '') || !/::product\/aws\/securityhub$/.test(finding.ProductArn ?? ''))
      continue;
    findings.push(finding);
    if (findings.length === options.limit) break;
  }
  return findings;
}

/** New findings that fail. Old standards name controls in ways that no filter knows, so all others are looked at here. */
async function* existing(
  { aws, now, sleep, progress, signal }: Operator,
  { control, account, severity, since }: BackfillOptions,
) {
  const securityHub = new SecurityHubClient({ ...aws, maxAttempts: 3 });
  const is = (...values: string[]) => values.map((Value) => ({ Value, Comparison: 'EQUALS' as const }));
  const Filters = {
    RecordState: is('ACTIVE'),
    WorkflowStatus: is('NEW'),
    ComplianceStatus: is('FAILED', 'WARNING'),
    ...(control !== undefined && { ComplianceSecurityControlId: is(control) }),
    ...(account !== undefined && { AwsAccountId: is(account) }),
    ...(severity !== undefined && { SeverityLabel: is(severity.toUpperCase()) }),
    ...(since !== undefined && {
      UpdatedAt: [{ Start: timeOf(since, now(), '--since'), End: new Date(now()).toISOString() }],
    }),
  };
  let NextToken: string | undefined;
  let seen = 0;
  let throttled = 0;
  do {
    if (signal?.aborted) throw new Failure('Interrupted: nothing was begun.');
    try {
      const page = await securityHub.send(new GetFindingsCommand({ Filters, MaxResults: 100, NextToken }));
      yield* page.Findings ?? [];
      seen += page.Findings?.length ?? 0;
      NextToken = page.NextToken;
      throttled = 0;
      progress(`${seen} findings looked at`);
    } catch (error) {
      if (!isThrottling(error) || ++throttled > THROTTLES) throw error;
    }
    await sleep(PAGES * 2 ** throttled);
  } while (NextToken !== undefined || throttled > 0);
}

const controlOf = ({ GeneratorId = '', Compliance }: AwsSecurityFinding): string | undefined => {
  const names = controlsOf({ GeneratorId, Compliance: Compliance as Finding['Compliance'] });
  if (names.kind !== 'controls') return undefined;
  return names.controls.find((name) => handled.has(name)) ?? names.controls[0];
};

/** The event with which a rule would start it, but for who asks and how. */
const eventOf = (
  finding: AwsSecurityFinding,
  run: string,
  { account, region, caller, now }: Operator,
  asks: Wishes | undefined,
) =>
  ({
    id: `backfill-${run}-${hash(finding.Id!)}`,
    'detail-type': 'Security Hub Findings - Imported',
    source: 'aws.securityhub',
    account,
    region,
    time: new Date(now()).toISOString(),
    resources: [],
    askedBy: caller,
    ...(asks && { asks }),
    detail: { findings: [finding] },
  }) satisfies FindingEvent;

function counts(found: Readonly<Record<string, number>>): string {
  const rows = Object.entries(found).map(([control, count]) => [control, String(count)]);
  if (!onTerminal) return tabSeparated(rows);
  return rows.length === 0 ? 'Security Hub has no new finding of that kind.' : table(['control', 'new findings'], rows);
}

const inWords = ({ run, started, unobserved, settled, problems }: BackfillReport, apply: boolean | undefined): string =>
  [
    `${started} begun, run ${run}.`,
    ...(unobserved > 0
      ? [`${unobserved} were left: run it without --apply first, and look at what would be changed.`]
      : []),
    ...(settled > 0 ? [`${settled} were left: they are settled, or under way.`] : []),
    ...problems,
    `What came of it: npm run -s suture -- list --since 1h${apply ? '' : ' --status planned'}`,
  ].join('\n');

const inJson = (value: object) => JSON.stringify(value, null, 2);
