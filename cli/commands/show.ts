import { plain, plainText } from '../../functions/domain/plain-text.ts';
import type { StateVisit } from '../../functions/domain/steps.ts';
import type { ExecutionReport, FindingReport } from '../clients/finding-report.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption, NAMED_FINDING } from '../options/standard.ts';
import { statusText } from '../output/finding-status.ts';
import { colour } from '../output/terminal.ts';

export type ShowOptions = OperatorEnvironment & { readonly json?: boolean };

export default defineCommand<ShowOptions, [words: readonly string[]]>({
  name: 'show',
  heading: 'Look',
  summary: 'show the whole history of a finding: checks, plan, attempts, before and after, calls, approval, links',
  arguments: [NAMED_FINDING],
  options: [jsonOption('a JSON array with everything')],
  examples: [
    'suture show arn:aws:securityhub:us-east-1:333333333333:security-control/EC2.13/finding/0f6e…',
    'suture show suture-1a2b3c4d5e6f708192a3b4c5d6e7f809      a source identity, out of CloudTrail',
    'suture show arn:aws:s3:::my-bucket',
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was shown', 1: 'it failed', 2: 'wrong usage or a name that the ledger does not know' },
  run: (options, words) => showCommand(words.join(' '), options),
});

/**
 * Reports every finding that the name stands for.
 * @throws UsageError if the ledger does not know the name
 */
export async function showCommand(name: string, { json, ...environment }: ShowOptions): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { readFindingReport } = await import('../clients/finding-report.ts');
  const operator = await resolveOperator(environment);
  const reports: FindingReport[] = [];
  for (const findingId of await findingIdsNamed(operator, name))
    reports.push(await readFindingReport(operator, findingId));
  return json ? JSON.stringify(reports, null, 2) : reports.map((report) => page(readable(report))).join('\n\n');
}

/** Removes what terminals would interpret. An error's message keeps its lines. */
const readable = (report: FindingReport): FindingReport => ({
  ...plain(report),
  executions: report.executions.map((execution) => ({
    ...plain(execution),
    failure: execution.failure && {
      ...plain(execution.failure),
      message: execution.failure.message
        .split('\n')
        .map((line) => plainText(line))
        .join('\n'),
    },
  })),
});

function page({ findingId, record, executions }: FindingReport): string {
  const { finding } = record?.job ?? executions.at(-1)!.job;
  return [
    colour('bold', `${finding.control ?? 'No control'}  ${finding.title ?? ''}`),
    ...facts([
      ['finding', findingId],
      [
        'status',
        record ? `${statusText(record.ofStatus)} since ${record.changedAt}: ${record.reason}` : 'only duplicates',
      ],
      ['account', [finding.account, finding.ouPath].filter(Boolean).join(', ')],
      ['region', finding.region],
      ['resource', finding.resource && `${finding.resource.Type} ${finding.resource.Id}`],
      ['severity', finding.severity],
      ['reopened', record?.reopened ? `${record.reopened} times, last ${record.reopenedAt}` : undefined],
    ]),
    ...executions.flatMap((execution, n) => ['', ...executionLines(execution, `${n + 1} of ${executions.length}`)]),
  ].join('\n');
}

function executionLines(report: ExecutionReport, number: string): string[] {
  const { outcome, visits, links } = report;
  const { result, checks = [] } = report.job;
  const calls = result && 'calls' in result ? result.calls : undefined;
  return [
    colour('bold', `Execution ${number}: ${outcome?.toLowerCase().replaceAll('_', ' ') ?? 'not ended'}`),
    ...facts(executionFacts(report)),
    ...section(
      'triage',
      checks.map(({ check, value, passed }) => `${passed ? 'yes' : colour('red', 'NO ')}  ${check}: ${value}`),
    ),
    ...section('states', visits.map(visitText)),
    ...section(
      'calls',
      (calls ?? []).map(({ call, requestId, error }) => [call, error, requestId].filter(Boolean).join('  ')),
    ),
    ...section(
      'look in',
      Object.entries({ ...links, sourceIdentity: report.sourceIdentity }).map(([name, link]) => `${name}: ${link}`),
    ),
  ];
}

type Fact = readonly [name: string, value: string | undefined];

function executionFacts({ execution, started, ended, reason, failure, job }: ExecutionReport): Fact[] {
  const { work, result, approval, askedBy, startOptions, route } = job;
  const plan = result && 'before' in result ? result : undefined;
  return [
    ['execution', execution],
    ['from', `${started}${ended ? ` to ${ended}` : ''}`],
    ['asked by', askedBy && `${askedBy}${startOptions ? ` ${JSON.stringify(startOptions)}` : ''}`],
    ['route', `${route}: ${job.reason}`],
    ['why', reason],
    [
      'failed',
      failure && `${failure.error} in ${failure.state ?? 'an unknown state'}, attempts: ${failure.attempts ?? 1}`,
    ],
    ['message', failure?.message.replaceAll('\n', `\n${' '.repeat(MARGIN)}`)],
    [
      'remediation',
      work && `${work.remediation}, ${work.mode}${work.force ? ', forced' : ''}; policy: ${work.policy.mode}`,
    ],
    ['before', plan && JSON.stringify(plan.before)],
    ['after', plan && JSON.stringify(plan.after)],
    [
      'approval',
      approval &&
        `${approval.approved ? 'approved' : 'denied'} by ${approval.by} ${approval.at}${approval.reason ? `: ${approval.reason}` : ''}`,
    ],
  ];
}

function visitText({ state, at, attempts, errors, result }: StateVisit): string {
  const silent = attempts - errors.length - (result === undefined ? 0 : 1);
  const failed = [...errors, ...(silent > 0 ? [`${silent} that stored no error`] : [])];
  const tries = failed.length > 0 ? `, ${attempts} attempts: ${failed.join(', ')}` : '';
  return `${at}  ${state}${tries}${result === undefined ? '' : `: ${result}`}`;
}

const MARGIN = 16;

const facts = (all: readonly Fact[]): string[] =>
  all.flatMap(([name, value]) => (value ? [`  ${name.padEnd(MARGIN - 2)}${value}`] : []));

const section = (title: string, lines: readonly string[]): string[] =>
  lines.map((line, n) => `  ${(n === 0 ? title : '').padEnd(MARGIN - 2)}${line}`);
