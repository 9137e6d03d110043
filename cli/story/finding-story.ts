/** The story of a finding on a terminal: what became of it and why, then each execution. */

import type { JobFinding } from '../../functions/domain/job.ts';
import { plain, plainText, shellWord } from '../../functions/domain/plain-text.ts';
import type { ExecutionReport, FindingReport } from '../clients/finding-report.ts';
import { accountText } from '../names/account-name.ts';
import { resourceTail, shortId } from '../names/short-names.ts';
import { countText } from '../output/count-text.ts';
import { cutText } from '../output/display-width.ts';
import { statusText } from '../output/finding-status.ts';
import { colour } from '../output/terminal.ts';
import { endingOfFinding, type FindingEnding } from './ending-text.ts';
import { executionLines, executionOutcome } from './execution-lines.ts';
import { withLikelyCauses } from './likely-causes.ts';
import { type StoryOptions, storyFacts, storyId, storyText, storyWidth } from './story-layout.ts';

export function findingStory(report: FindingReport, options: StoryOptions): string {
  const { findingId, record, executions } = readable(report);
  const ending: FindingEnding = report.record
    ? endingOfFinding(report.record, options.now, report.executions)
    : { sentence: 'Only duplicates of this finding came; another execution handles it' };
  const { finding } = record?.job ?? executions.at(-1)!.job;
  const decisive = decisiveOf(executions);
  const causes = record?.ofStatus === 'FAILED' ? causesOf(decisive, record.error) : [];
  const resource = finding.resource;
  return [
    colour('bold', headingOf(finding)),
    statusText(record?.ofStatus, storyText(plainText(ending.sentence), options)),
    ...causes.map((line) => storyText(line, options)),
    ...(ending.next ? [storyText(`Next: ${plainText(ending.next)}`, options)] : []),
    '',
    ...storyFacts(options, [
      ['finding', `${shortId(findingId)}  ${storyId(findingId, options)}`],
      ['resource', resource && `${resourceTail(resource.Id)}  ${resource.Type} ${storyId(resource.Id, options)}`],
      [
        'account',
        [finding.account && accountText(finding.account, options.accounts), finding.ouPath].filter(Boolean).join(' '),
      ],
      ['region', finding.region],
      ['severity', finding.severity],
      ['reopened', record?.reopened ? `${countText(record.reopened, 'time')}, last ${record.reopenedAt}` : undefined],
    ]),
    ...(options.all ? executions : executions.filter((each) => each === decisive)).flatMap((execution) => [
      '',
      ...executionLines(
        causes.length > 0 && execution === decisive ? withoutCauses(execution) : execution,
        `${executions.indexOf(execution) + 1} of ${executions.length}`,
        options,
        executions,
      ),
    ]),
    ...(options.all ? [] : otherLines(executions, decisive, shortId(findingId), options)),
  ].join('\n');
}

/** Returns the latest execution that is not a duplicate: a replay of events adds duplicates after the one that worked. */
const decisiveOf = (executions: readonly ExecutionReport[]): ExecutionReport | undefined =>
  executions.findLast(({ outcome }) => outcome !== 'DUPLICATE') ?? executions.at(-1);

/** Begins with a word of Suture's, because the sender of a finding chooses its title. */
function headingOf({ control, title }: JobFinding): string {
  if (control === undefined) return title === undefined ? 'Finding' : `Finding: ${title}`;
  return title === undefined ? control : `${control}  ${title}`;
}

/** Returns the lines of an error's message below its first: the likely causes in order, and what to do. */
const causesOf = (execution: ExecutionReport | undefined, error: string | undefined): readonly string[] =>
  withLikelyCauses(execution?.failure?.message.split('\n').slice(1) ?? [], error, {
    text: execution?.failure?.message,
    state: execution?.failure?.state,
  });

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
      `${executions.indexOf(execution) + 1}  ${started}  ${executionOutcome(execution)}`,
      by && `asked by ${resourceTail(by)}`,
      reason,
    ];
    return cutText(`  ${text.filter(Boolean).join(', ').replaceAll('\n', ' ')}`, storyWidth(options), 'end');
  });
  return [
    '',
    colour('bold', `${label} executions: ${others.length}`),
    ...lines.reverse(),
    `  whole: suture show ${shellWord(id)} --all`,
  ];
}
