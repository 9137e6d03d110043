/** `suture show`: the whole story of a finding. */

import type { Job } from '../../functions/domain/job.ts';
import { reasonOf } from '../../functions/domain/ledger.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import type { Line, Recorded } from '../../functions/ledger/ledger-queries.ts';
import { type Visit, visitsOf } from '../clients/attempts.ts';
import { type Operator, type OperatorEnvironment, operatorIn } from '../clients/operator.ts';
import { findingsNamed } from '../options/selection.ts';
import { type Links, linksOf } from '../output/links.ts';
import { colour } from '../output/terminal.ts';
import { shaded } from './list.ts';

export type ShowOptions = OperatorEnvironment & { readonly json?: boolean };

export type Chapter = {
  readonly execution: string;
  readonly sourceIdentity: string;
  readonly started: string;
  /** Absent while it runs or waits. */
  readonly outcome?: Line['outcome'];
  readonly ended?: string;
  readonly job: Job;
  readonly failure?: Line['failure'];
  /** What Step Functions remembers, for 90 days. */
  readonly visits?: readonly Visit[];
  readonly links: Links;
};
export type Story = {
  readonly findingId: string;
  /** Where it stands; absent where only duplicates of it came. */
  readonly record?: Recorded;
  /** Its executions, the oldest first. */
  readonly chapters: readonly Chapter[];
};

/** One story for each finding that the name stands for. @throws UsageError where the ledger knows none */
export async function showCommand(name: string, { json, ...around }: ShowOptions): Promise<string> {
  const operator = await operatorIn(around);
  const stories: Story[] = [];
  for (const findingId of await findingsNamed(operator, name)) stories.push(await storyOf(operator, findingId));
  return json ? JSON.stringify(stories, null, 2) : stories.map(told).join('\n\n');
}

async function storyOf(operator: Operator, findingId: string): Promise<Story> {
  const [record, history] = await Promise.all([operator.ledger.record(findingId), operator.ledger.history(findingId)]);
  const lines = history.map(({ job, outcome, at, failure }) => ({ job: job, outcome, ended: at, failure }));
  const isOver = !record || lines.some((line) => line.job.execution === record.lastExecution);
  const chapters: Chapter[] = [];
  for (const line of isOver ? lines : [...lines, { job: record.job }])
    chapters.push({
      ...line,
      execution: line.job.execution,
      sourceIdentity: sourceIdentity(line.job.execution),
      started: line.job.started,
      visits: await visitsOf(operator, line.job.execution),
      links: linksOf(line.job, operator.region),
    });
  return { findingId, record, chapters };
}

function told({ findingId, record, chapters }: Story): string {
  const { finding } = record?.job ?? chapters.at(-1)!.job;
  return [
    colour('bold', `${finding.control ?? 'No control'}  ${finding.title ?? ''}`),
    ...facts([
      ['finding', findingId],
      [
        'stands',
        record ? `${shaded(record.ofStatus)} since ${record.changedAt}: ${record.reason}` : 'nothing but duplicates',
      ],
      ['account', [finding.account, finding.ouPath].filter(Boolean).join(', ')],
      ['region', finding.region],
      ['resource', finding.resource && `${finding.resource.Type} ${finding.resource.Id}`],
      ['severity', finding.severity],
      ['reopened', record?.reopened ? `${record.reopened} times, last ${record.reopenedAt}` : undefined],
    ]),
    ...chapters.flatMap((chapter, n) => ['', ...chapterOf(chapter, `${n + 1} of ${chapters.length}`)]),
  ].join('\n');
}

function chapterOf(chapter: Chapter, number: string): string[] {
  const { execution, outcome, started, ended, failure, visits, links } = chapter;
  const { work, result, approval, askedBy, asks, checks = [], route } = chapter.job;
  const plan = result && 'before' in result ? result : undefined;
  const calls = result && 'calls' in result ? result.calls : undefined;
  return [
    colour('bold', `Execution ${number}: ${outcome?.toLowerCase().replaceAll('_', ' ') ?? 'not over'}`),
    ...facts([
      ['execution', execution],
      ['from', `${started}${ended ? ` to ${ended}` : ''}`],
      ['asked by', askedBy && `${askedBy}${asks ? ` ${JSON.stringify(asks)}` : ''}`],
      ['route', `${route}: ${chapter.job.reason}`],
      ['why', reasonOf(chapter.job)],
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
    ]),
    ...section(
      'triage',
      checks.map(({ check, value, passed }) => `${passed ? 'yes' : colour('red', 'NO ')}  ${check}: ${value}`),
    ),
    ...section('states', (visits ?? []).map(visited)),
    ...section(
      'calls',
      (calls ?? []).map(({ call, requestId, error }) => [call, error, requestId].filter(Boolean).join('  ')),
    ),
    ...section(
      'look in',
      Object.entries({ ...links, sourceIdentity: chapter.sourceIdentity }).map(([name, link]) => `${name}: ${link}`),
    ),
  ];
}

const visited = ({ state, at, errors }: Visit): string =>
  errors.length === 0
    ? `${at}  ${state}`
    : `${at}  ${state}, tried ${errors.length + 1} times at most: ${errors.join(', ')}`;

const MARGIN = 16;
const facts = (all: readonly (readonly [string, string | undefined])[]): string[] =>
  all.flatMap(([name, value]) => (value ? [`  ${name.padEnd(MARGIN - 2)}${value}`] : []));

const section = (title: string, lines: readonly string[]): string[] =>
  lines.map((line, n) => `  ${(n === 0 ? title : '').padEnd(MARGIN - 2)}${line}`);
