/** The story of a finding on a terminal: what became of it and why, then each execution. */

import type { JobFinding, JobWork } from '../../functions/domain/job.ts';
import { plain, plainText, shellWord } from '../../functions/domain/plain-text.ts';
import type { ResourceOwner } from '../../functions/domain/resource-owner.ts';
import { revertedText } from '../../functions/domain/reverted.ts';
import type { StateVisit } from '../../functions/domain/steps.ts';
import type { ExecutionReport, FindingReport } from '../clients/finding-report.ts';
import { type AccountNames, accountText } from '../names/account-name.ts';
import { ownDigits, resourceTail, SHORT_ID_DIGITS, shortId } from '../names/short-names.ts';
import { diffLines } from '../output/diff-text.ts';
import { cutText } from '../output/display-width.ts';
import { statusText } from '../output/finding-status.ts';
import { wrapHanging, wrapWords } from '../output/paragraphs.ts';
import { colour, IS_TERMINAL, terminalWidth } from '../output/terminal.ts';
import { checkSentence, checksSummary } from './check-text.ts';
import { endingOfFinding, type FindingEnding } from './ending-text.ts';

export type StoryOptions = {
  readonly now: number;
  readonly accounts: AccountNames;
  /** Shows links and ids of requests whole. */
  readonly links?: boolean;
  /** Shows each check of triage. */
  readonly checks?: boolean;
  /** Shows each execution whole, not the latest alone. */
  readonly all?: boolean;
  readonly width?: number;
};

export function findingStory(report: FindingReport, options: StoryOptions): string {
  const { findingId, record, executions } = readable(report);
  const ending: FindingEnding = report.record
    ? endingOfFinding(report.record, options.now, report.executions)
    : { sentence: 'Only duplicates of this finding came; another execution handles it' };
  const { finding } = record?.job ?? executions.at(-1)!.job;
  const decisive = decisiveOf(executions);
  const causes = record?.ofStatus === 'FAILED' ? causesOf(decisive) : [];
  const resource = finding.resource;
  return [
    colour('bold', headingOf(finding)),
    statusText(record?.ofStatus, broken(plainText(ending.sentence), options)),
    ...causes.map((line) => broken(line, options)),
    ...(ending.next ? [broken(`Next: ${plainText(ending.next)}`, options)] : []),
    '',
    ...facts(options, [
      ['finding', `${shortId(findingId)}  ${idText(findingId, options)}`],
      ['resource', resource && `${resourceTail(resource.Id)}  ${resource.Type} ${idText(resource.Id, options)}`],
      [
        'account',
        [finding.account && accountText(finding.account, options.accounts), finding.ouPath].filter(Boolean).join(' '),
      ],
      ['region', finding.region],
      ['severity', finding.severity],
      [
        'reopened',
        record?.reopened
          ? `${record.reopened} time${record.reopened === 1 ? '' : 's'}, last ${record.reopenedAt}`
          : undefined,
      ],
    ]),
    ...(options.all ? executions : executions.filter((each) => each === decisive)).flatMap((execution) => [
      '',
      ...executionLines(
        causes.length > 0 && execution === decisive ? withoutCauses(execution) : execution,
        `${executions.indexOf(execution) + 1} of ${executions.length}`,
        options,
      ),
    ]),
    ...(options.all ? [] : otherLines(executions, decisive, shortId(findingId), options)),
  ].join('\n');
}

/** Returns the latest execution that is not a duplicate: after a replay of events, duplicates follow the one that did the work. */
const decisiveOf = (executions: readonly ExecutionReport[]): ExecutionReport | undefined =>
  executions.findLast(({ outcome }) => outcome !== 'DUPLICATE') ?? executions.at(-1);

/** Begins with a word of Suture's, because whoever sends a finding chooses its title. */
function headingOf({ control, title }: JobFinding): string {
  if (control === undefined) return title === undefined ? 'Finding' : `Finding: ${title}`;
  return title === undefined ? control : `${control}  ${title}`;
}

/** Returns the lines of an error's message below its first: the likely causes in order, and what to do. */
const causesOf = (execution: ExecutionReport | undefined): string[] =>
  execution?.failure?.message.split('\n').slice(1) ?? [];

const withoutCauses = (execution: ExecutionReport): ExecutionReport => ({
  ...execution,
  failure: execution.failure && { ...execution.failure, message: execution.failure.message.split('\n')[0]! },
});

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

function executionLines(report: ExecutionReport, number: string, options: StoryOptions): string[] {
  const { visits, job } = report;
  const { result } = job;
  const plan = result && 'before' in result ? result : undefined;
  return [
    colour('bold', `Execution ${number}: ${outcomeText(report)}`),
    ...prose('asked by', requestLines(report), options),
    ...facts(options, executionFacts(report, options)),
    ...prose('checks', checkLines(report, options), options),
    ...prose(
      'states',
      visits.map((visit) => visitText(visit, job.work?.mode === 'rollback')),
      options,
    ),
    ...section(
      plan && (result?.kind === 'planned' || result?.kind === 'notified') ? 'would change' : 'change',
      changeLines(plan).map((line) => wrapHanging(line, CHANGE_INDENT, widthOf(options) - MARGIN)),
    ),
    ...section(
      'calls',
      callLines(report, options).map((line) => wrapHanging(line, 2, widthOf(options) - MARGIN)),
    ),
    ...section('links', linkLines(report, options)),
  ];
}

/** Returns a line for each execution but the decisive one, the newest first, and the command that shows them whole. */
function otherLines(
  executions: readonly ExecutionReport[],
  decisive: ExecutionReport | undefined,
  id: string,
  options: StoryOptions,
): string[] {
  const others = executions.filter((each) => each !== decisive);
  if (others.length === 0) return [];
  const label = decisive === executions.at(-1) ? 'Earlier' : 'Other';
  const lines = others.map((execution) => {
    const { started, reason, requests, job } = execution;
    const by = requests[0]?.by ?? job.askedBy;
    const text = [
      `${executions.indexOf(execution) + 1}  ${started}  ${outcomeText(execution)}`,
      by && `asked by ${resourceTail(by)}`,
      reason,
    ];
    return cutText(`  ${text.filter(Boolean).join(', ').replaceAll('\n', ' ')}`, widthOf(options), 'end');
  });
  return [
    '',
    colour('bold', `${label} executions: ${others.length}`),
    ...lines.reverse(),
    `  whole: npm run -s suture -- show ${shellWord(id)} --all`,
  ];
}

const outcomeText = ({ outcome }: ExecutionReport): string =>
  outcome?.toLowerCase().replaceAll('_', ' ') ?? 'not ended';

type Fact = readonly [name: string, value: string | undefined];

/** The audit trail has the reason; the job alone has a person whose line there has expired. */
function requestLines({ requests, job: { askedBy, startOptions } }: ExecutionReport): string[] {
  const options = [
    startOptions?.again && ' --again',
    startOptions?.early && ' --early',
    startOptions?.mode && ', plan only',
  ]
    .filter(Boolean)
    .join('');
  if (requests.length === 0) return askedBy ? [`${askedBy}${options}`] : [];
  return requests.map(({ action, by, at, reason }, n) => `${by} ${at} (${action}${n === 0 ? options : ''}): ${reason}`);
}

function executionFacts(report: ExecutionReport, options: StoryOptions): Fact[] {
  const { execution, started, ended, reason, failure, job } = report;
  const { work, approval, route, result } = job;
  const managedBy = result && 'managedBy' in result ? result.managedBy : undefined;
  const reverted = result && 'reverted' in result ? result.reverted : undefined;
  return [
    ['execution', idText(execution, options)],
    ['from', `${started}${ended ? ` to ${ended}` : ''}`],
    ['why', reason],
    ['route', reason === job.reason ? undefined : `${route}: ${job.reason}`],
    [
      'failed',
      failure && `${failure.error} in ${failure.state ?? 'an unknown state'}, attempts: ${failure.attempts ?? 1}`,
    ],
    ['message', failure?.message],
    ['remediation', work && `${work.remediation}, ${work.mode}${work.force ? ', forced' : ''}; ${policyText(work)}`],
    [
      'managed by',
      managedBy && [managedBy.name, managedBy.change && `set ${managedBy.change}`].filter(Boolean).join(': '),
    ],
    ['reverted', reverted && revertedText(reverted)],
    ['owner', job.owner && ownerLine(job.owner)],
    ['owner told', job.toldAt && `${job.toldAt}${job.dueBy ? `, has time until ${job.dueBy}` : ''}`],
    [
      'approval',
      approval &&
        `${approval.approved ? 'approved' : 'denied'} by ${approval.by} ${approval.at}${approval.reason ? `: ${approval.reason}` : ''}`,
    ],
  ];
}

/** A rollback is a person's decision: triage stores the mode `off` for it. */
const policyText = ({ mode, policy }: JobWork): string =>
  mode === 'rollback' ? 'a person asked for it, whatever policy says' : `policy: ${policy.mode}`;

const ownerLine = ({ name, because, places }: ResourceOwner): string => {
  const told = places.map(({ kind, to }) => `${kind} ${to}`).join(', ');
  return `${name} (${because})${told && `: ${told}`}`;
};

function checkLines({ job: { checks = [], route, reason } }: ExecutionReport, options: StoryOptions): string[] {
  if (checks.length === 0) return [];
  if (!options.checks) return [checksSummary(checks, route, reason)];
  return checks.map((each) => `${each.passed ? 'passed' : colour('red', 'FAILED')}  ${checkSentence(each)}`);
}

function visitText({ state, at, attempts, errors, result }: StateVisit, isRollback: boolean): string {
  const silent = attempts - errors.length - (result === undefined ? 0 : 1);
  const failed = [...counted(errors), ...(silent > 0 ? [`${silent} that stored no error`] : [])];
  const tries = failed.length > 0 ? `, ${attempts} attempt${attempts === 1 ? '' : 's'}: ${failed.join(', ')}` : '';
  const end = isRollback ? (UNDONE[result ?? ''] ?? result) : result;
  return `${at}  ${state}${tries}${end === undefined ? '' : `: ${end}`}`;
}

/** Of a rollback, which fixes nothing, the names of results. */
const UNDONE: Readonly<Record<string, string>> = { fixed: 'undone', compliant: 'undone already' };

/** Such as `ChangePending 6 times`. */
const counted = (errors: readonly string[]): string[] =>
  [...Map.groupBy(errors, (error) => error)].map(([error, { length }]) =>
    length === 1 ? error : `${error} ${length} times`,
  );

const changeLines = (plan: { readonly before?: unknown; readonly after?: unknown } | undefined): string[] =>
  plan ? diffLines(plan.before, plan.after) : [];

function callLines({ job: { result } }: ExecutionReport, { links }: StoryOptions): string[] {
  const calls = (result && 'calls' in result ? result.calls : undefined) ?? [];
  return calls.map(({ call, requestId, error }) =>
    [call, error && colour('red', error), links ? requestId : requestId?.slice(0, SHORT_ID_DIGITS)]
      .filter(Boolean)
      .join('  '),
  );
}

function linkLines({ links, sourceIdentity, job }: ExecutionReport, options: StoryOptions): string[] {
  const all = Object.entries({ ...links, sourceIdentity }).map(([name, link]) => `${name}: ${link}`);
  if (options.links) return all;
  const width = (options.width ?? terminalWidth()) - MARGIN;
  const hint = `whole: npm run -s suture -- show ${ownDigits(job.finding.id).slice(0, SHORT_ID_DIGITS)} --links`;
  return [...all.map((line) => cutText(line, width, 'end')), hint];
}

const MARGIN = 16;
/** Of what does not fit in a line of a difference. */
const CHANGE_INDENT = 8;

/** Returns an id, or its beginning if the terminal is too narrow: a broken one could not be copied. */
const idText = (id: string, options: StoryOptions): string =>
  options.links ? id : cutText(id, widthOf(options) - MARGIN, 'end');

const facts = (options: StoryOptions, all: readonly Fact[]): string[] =>
  all.flatMap(([name, value]) => (value ? prose(name, value.split('\n'), options) : []));

/** Off a terminal, a line is as long as it is. */
const widthOf = ({ width }: StoryOptions): number =>
  width ?? (IS_TERMINAL ? terminalWidth() : Number.POSITIVE_INFINITY);

const broken = (text: string, options: StoryOptions): string => wrapWords(text, widthOf(options));

/** Breaks the lines between words, below each other. */
const prose = (title: string, lines: readonly string[], options: StoryOptions): string[] =>
  section(
    title,
    lines
      .flatMap((line) => wrapWords(line, widthOf(options) - MARGIN).split('\n'))
      .map((line) => line.trimEnd())
      .map((line) => (line.includes(' ') ? line : idText(line, options))),
  );

const section = (title: string, lines: readonly string[]): string[] =>
  lines.flatMap((line) => line.split('\n')).map((line, n) => `  ${(n === 0 ? title : '').padEnd(MARGIN - 2)}${line}`);
