import { plain } from '../../functions/domain/plain-text.ts';
import type {
  IpRangesAnswer,
  IpRangesFailure,
  LastFailure,
  PlannedCall,
  TargetAnswer,
} from '../../ip-ranges/contract/command.ts';
import type { CommandResult } from '../command.ts';
import { countText } from './count-text.ts';
import { colour, table } from './terminal.ts';

export const ipRangesResult = (answer: IpRangesAnswer, json = false): CommandResult => ({
  text: json ? JSON.stringify(answer.targets, null, 2) : ipRangesPage(answer),
  failed: answer.targets.some(({ error }) => error !== undefined),
});

/** The result of status, which fails for a document that a person must apply. */
export function ipRangesStatus(answer: IpRangesAnswer, json = false): CommandResult {
  const { text, failed } = ipRangesResult(answer, json);
  return { text, failed: failed || answer.targets.some(({ lastFailure, newer }) => lastFailure || newer?.late) };
}

/**
 * The result of calls that were made, as `ipRangesResult` has it, with a last line that says so.
 * @param shown the plan that the person has seen: calls of a target that were made as planned are not listed again
 */
export function ipRangesDone(answer: IpRangesAnswer, json = false, shown?: IpRangesAnswer): CommandResult {
  const { text, failed } = ipRangesResult(answer, json);
  if (json) return { text, failed };
  const wasShown = ({ target, calls }: TargetAnswer): boolean => {
    const planned = shown?.targets.find((each) => each.target === target)?.calls;
    return planned !== undefined && JSON.stringify(planned) === JSON.stringify(calls);
  };
  return { text: `${pageOf(answer, wasShown)}\n\n${doneText(answer)}`, failed };
}

function doneText({ targets }: IpRangesAnswer): string {
  const calls = targets.flatMap((target) => target.calls ?? []);
  const count = (what: 'add' | 'remove') => calls.reduce((sum, call) => sum + (call[what]?.length ?? 0), 0);
  const failures = targets.filter(({ error }) => error !== undefined).length;
  const failed = failures > 0 ? ` ${countText(failures, 'target')} failed.` : '';
  if (calls.length === 0) return `Made no call.${failed}`;
  return `Made ${countText(calls.length, 'call')}: ${count('add')} added, ${count('remove')} removed.${failed}`;
}

export const ipRangesPage = (answer: IpRangesAnswer): string => pageOf(answer, () => false);

function pageOf({ targets }: IpRangesAnswer, wasShown: (target: TargetAnswer) => boolean): string {
  const shown = targets.map((target) => plain(target));
  const firstWith = new Map<string, string>();
  return shown
    .map((target, index) => {
      const failure = target.error && reasonLines(target.error).join('\n');
      const same = failure === undefined ? undefined : firstWith.get(failure);
      if (failure !== undefined && same === undefined) firstWith.set(failure, target.target);
      return targetSection(target, same, wasShown(targets[index]!));
    })
    .join('\n\n');
}

export const ipRangesQuestion = ({ targets }: IpRangesAnswer): string =>
  targets.some(({ error }) => error !== undefined)
    ? 'Make these calls, and leave what is refused or blocked as it is?'
    : 'Make these calls?';

/** @param sameAs the target above that failed for the same reasons */
function targetSection(answer: TargetAnswer, sameAs: string | undefined, wasShown: boolean): string {
  const { target, services, syncToken, createDate, calls, notes = [], error } = answer;
  const document = syncToken === undefined ? '' : `, document ${syncToken} of ${createDate}`;
  return [
    colour('bold', target) + `  ${services.join(', ') || 'not configured any more'}${document}`,
    ...lastApplied(answer),
    ...newerDocument(answer),
    ...capacity(answer),
    ...(wasShown ? [] : (calls ?? []).flatMap(callLines)),
    ...(calls ? totals(answer, wasShown) : []),
    ...notes.map((note) => `  ${colour('yellow', 'note')}  ${note}`),
    ...(error ? failureLines(error, sameAs) : []),
  ].join('\n');
}

const failureLines = (error: IpRangesFailure, sameAs: string | undefined): string[] =>
  sameAs === undefined ? reasonLines(error) : [`  ${colour('red', error.name)}  as for ${sameAs}`];

const reasonLines = ({ name, message, reasons = [{ name, lines: [message] }] }: IpRangesFailure): string[] =>
  reasons.flatMap(({ name: heading, lines: [first = '', ...more] }) => [
    `  ${colour('red', heading)}  ${first}`,
    ...more.map((line) => `    ${line}`),
  ]);

/** Reports a target without a document for `status` alone: the other commands use a document of their own. */
function lastApplied({ applied, lastFailure, syncToken, orphan, error, holders }: TargetAnswer): string[] {
  if (!applied && syncToken === undefined && !orphan)
    return ['  not brought to a document yet', ...(lastFailure ? lastFailureLines(lastFailure) : error ? [] : [WHY])];
  if (!applied) return [];
  const { createDate, services, at, ranges, groups } = applied;
  const contents = `${counted(ranges, 'range')} in ${counted(groups, holderKind(holders))}`;
  return [
    `  brought to ${applied.syncToken} of ${createDate} for ${services.join(', ')} at ${at}: ${contents}`,
    ...(lastFailure ? lastFailureLines(lastFailure) : []),
  ];
}

function newerDocument({ newer, lastFailure }: TargetAnswer): string[] {
  if (!newer || newer.syncToken === lastFailure?.syncToken) return [];
  const document = `document ${newer.syncToken} of ${newer.createDate} is published`;
  if (!newer.late) return [`  ${document}; the run after its message applies it, or the daily one`];
  return [
    `  ${colour('red', 'not applied')}: ${document}, and no run has applied it, although more than a day has passed: Suture is stopped, the function does not run, or its runs fail (docs/runbook.md#ip-ranges-errors). Apply it: suture ip-ranges apply`,
  ];
}

const WHY = '  Why not, if it should be: suture ip-ranges plan';

function lastFailureLines({ syncToken, createDate, at, ...failure }: LastFailure): string[] {
  return [
    `  ${colour('red', 'not applied')}, or not all of it: document ${syncToken} of ${createDate}, tried at ${at}. As it is now: suture ip-ranges plan`,
    ...reasonLines(failure),
  ];
}

/** Shows the number of rules in each group or list, Suture's and others, and its limit for each family. */
function capacity({ holders = [], attachedTo }: TargetAnswer): string[] {
  if (holders.length === 0) return [];
  const rows = holders.map(({ id, name, own, others, limit }) => [
    `  ${name}`,
    id,
    `${own.IPv4} + ${others.IPv4}`,
    `${own.IPv6} + ${others.IPv6}`,
    `${limit}`,
  ]);
  return [
    table(['  holds', 'id', 'IPv4: ours + others', 'IPv6', 'limit'], rows),
    ...(attachedTo ? [`  attached to ${counted(attachedTo, 'network interface or load balancer')}`] : []),
  ];
}

function callLines({ call, on, add = [], remove = [], detail }: PlannedCall): string[] {
  return [
    `  ${call} ${on}${detail ? `, ${detail}` : ''}`,
    ...add.map((one) => colour('green', `    + ${one}`)),
    ...remove.map((one) => colour('red', `    - ${one}`)),
  ];
}

function totals({ calls = [], figures, error, holders }: TargetAnswer, wasShown: boolean): string[] {
  if (calls.length === 0 && error) return [];
  const sum = (what: 'add' | 'remove') => calls.reduce((all, call) => all + (call[what]?.length ?? 0), 0);
  const total = figures
    ? `; ${counted(figures.ranges, 'range')} in ${counted(figures.groups, holderKind(holders))}`
    : '';
  if (calls.length === 0) return [`  nothing to do${total}`];
  const what = `${counted(calls.length, 'call')}${wasShown ? ' as planned' : ''}`;
  return [`  ${what}: ${sum('add')} added, ${sum('remove')} removed${total}`];
}

/** Returns `group` or `list` if all that hold the ranges are of one kind. */
function holderKind(holders: TargetAnswer['holders'] = []): string {
  const areAll = (beginning: string) => holders.length > 0 && holders.every(({ id }) => id.startsWith(beginning));
  if (areAll('sg-')) return 'group';
  return areAll('pl-') ? 'list' : 'group or list';
}

const counted = (count: number, what: string) =>
  `${count} ${count === 1 ? what : what.replace(/(\w+)( or |$)/g, '$1s$2')}`;
