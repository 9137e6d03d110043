/** One execution in the story of a finding. */
import type { JobWork } from '../../functions/domain/job.ts';
import type { ResourceOwner } from '../../functions/domain/resource-owner.ts';
import { revertedText } from '../../functions/domain/reverted.ts';
import type { StateVisit } from '../../functions/domain/steps.ts';
import type { ExecutionReport } from '../clients/finding-report.ts';
import { ownDigits, SHORT_ID_DIGITS } from '../names/short-names.ts';
import { countText } from '../output/count-text.ts';
import { diffLines } from '../output/diff-text.ts';
import { displayWidth } from '../output/display-width.ts';
import { wrapHanging, wrapWords } from '../output/paragraphs.ts';
import { colour } from '../output/terminal.ts';
import { checkSentence, checksSummary } from './check-text.ts';
import {
  STORY_MARGIN,
  type StoryFact,
  type StoryOptions,
  storyFacts,
  storyId,
  storyWidth,
  textSection,
  unwrappedSection,
} from './story-layout.ts';

/** The indent of the second line of a long line in a difference. */
const CHANGE_INDENT = 8;

/** @param number such as `2 of 3` */
export function executionLines(
  report: ExecutionReport,
  number: string,
  options: StoryOptions,
  executions: readonly ExecutionReport[] = [],
): string[] {
  const { visits, job } = report;
  return [
    colour('bold', `Execution ${number}: ${executionOutcome(report)}`),
    ...textSection('asked by', requestLines(report), options),
    ...storyFacts(options, executionFacts(report, options)),
    ...textSection('checks', checkLines(report, options), options),
    ...textSection(
      'states',
      visits.map((visit) => visitText(visit, job.work?.mode === 'rollback')),
      options,
    ),
    ...changeSection(report, options, executions),
    ...unwrappedSection(
      'calls',
      callLines(report, options).map((line) => wrapHanging(line, 2, storyWidth(options) - STORY_MARGIN)),
    ),
    ...unwrappedSection('links', linkLines(report, options)),
  ];
}

type Change = { readonly before?: unknown; readonly after?: unknown };

function changeSection(
  { job, outcome }: ExecutionReport,
  options: StoryOptions,
  executions: readonly ExecutionReport[],
): string[] {
  const { result, work } = job;
  const own = result && 'before' in result ? result : undefined;
  const restored = work?.mode === 'rollback' && outcome === 'FAILED' ? undoneChange(job, executions) : undefined;
  const isPlan = own && (result?.kind === 'planned' || result?.kind === 'notified');
  return unwrappedSection(
    restored ? 'would restore' : isPlan ? 'would change' : 'change',
    changeLines(restored ?? own).map((line) => wrapHanging(line, CHANGE_INDENT, storyWidth(options) - STORY_MARGIN)),
  );
}

/** Returns the change that a rollback undoes, from the state that the fix left to the one before. */
function undoneChange({ work }: ExecutionReport['job'], executions: readonly ExecutionReport[]): Change | undefined {
  const result = executions.find(({ execution }) => execution === work?.undo?.execution)?.job.result;
  return result && 'before' in result ? { before: result.after, after: result.before } : undefined;
}

const UNASKED = ' in the ledger; Step Functions was not asked';

export const executionOutcome = ({ outcome, unrecorded }: ExecutionReport): string =>
  outcome?.toLowerCase().replaceAll('_', ' ') ??
  (typeof unrecorded === 'object' ? 'failed, and not recorded' : `not ended${unrecorded ? UNASKED : ''}`);

/** Reads the audit trail. If its line has expired, only the job has the person, without a reason. */
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

function executionFacts(report: ExecutionReport, options: StoryOptions): StoryFact[] {
  const { execution, started, ended, reason, failure, job } = report;
  const { work, approval, route, result } = job;
  const managedBy = result && 'managedBy' in result ? result.managedBy : undefined;
  const reverted = result && 'reverted' in result ? result.reverted : undefined;
  return [
    ['execution', storyId(execution, options)],
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
  const tries = failed.length > 0 ? `, ${countText(attempts, 'attempt')}: ${failed.join(', ')}` : '';
  const end = isRollback ? (UNDONE[result ?? ''] ?? result) : result;
  return `${at}  ${state}${tries}${end === undefined ? '' : `: ${end}`}`;
}

/** The results of a rollback, which fixes nothing. */
const UNDONE: Readonly<Record<string, string>> = { fixed: 'undone', compliant: 'undone already' };

/** Returns texts such as `ChangePending 6 times`. */
const counted = (errors: readonly string[]): string[] =>
  [...Map.groupBy(errors, (error) => error)].map(([error, { length }]) =>
    length === 1 ? error : `${error} ${length} times`,
  );

const changeLines = (plan: Change | undefined): string[] => (plan ? diffLines(plan.before, plan.after) : []);

function callLines(
  { job: { result, work }, outcome, failedCalls }: ExecutionReport,
  { links }: StoryOptions,
): string[] {
  const own = (result && 'calls' in result ? result.calls : undefined) ?? [];
  const calls = outcome === 'FAILED' && failedCalls.length > 0 ? failedCalls : own;
  if (outcome === 'FAILED' && work && calls.length === 0)
    return ['CloudTrail has the calls of an execution that failed: the link cloudTrail'];
  return calls.map(({ call, requestId, error }) =>
    [call, error && colour('red', error), links ? requestId : requestId?.slice(0, SHORT_ID_DIGITS)]
      .filter(Boolean)
      .join('  '),
  );
}

/** Leaves out links that do not fit the line: nobody can use a part of one. */
function linkLines({ links, sourceIdentity, job }: ExecutionReport, options: StoryOptions): string[] {
  const all = Object.entries({ ...links, sourceIdentity }).map(([name, link]) => ({ name, line: `${name}: ${link}` }));
  const width = storyWidth(options) - STORY_MARGIN;
  const [shown, longer] = [true, false].map((fits) => all.filter(({ line }) => displayWidth(line) <= width === fits));
  if (options.links || longer!.length === 0) return all.map(({ line }) => line);
  const command = `suture show ${ownDigits(job.finding.id).slice(0, SHORT_ID_DIGITS)} --links`;
  const names = wrapWords(`${longer!.map(({ name }) => name).join(', ')}, and ids that are cut above:`, width);
  return [...shown!.map(({ line }) => line), ...names.split('\n'), `  ${command}`];
}
