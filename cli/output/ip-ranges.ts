import { plain } from '../../functions/domain/plain-text.ts';
import type { IpRangesAnswer, PlannedCall, TargetAnswer } from '../../ip-ranges/contract/command.ts';
import type { CommandResult } from '../command.ts';
import { colour, table } from './terminal.ts';

export const ipRangesResult = (answer: IpRangesAnswer, json = false): CommandResult => ({
  text: json ? JSON.stringify(answer.targets, null, 2) : ipRangesPage(answer),
  failed: answer.targets.some(({ error }) => error !== undefined),
});

export const ipRangesPage = ({ targets }: IpRangesAnswer): string =>
  targets.map((target) => targetSection(plain(target))).join('\n\n');

export const ipRangesQuestion = ({ targets }: IpRangesAnswer): string =>
  targets.some(({ error }) => error !== undefined)
    ? 'Make these calls, and leave what is refused or blocked as it is?'
    : 'Make these calls?';

function targetSection(answer: TargetAnswer): string {
  const { target, services, syncToken, createDate, calls, notes = [], error } = answer;
  const document = syncToken === undefined ? '' : `, document ${syncToken} of ${createDate}`;
  return [
    colour('bold', target) + `  ${services.join(', ') || 'not configured any more'}${document}`,
    ...lastApplied(answer),
    ...capacity(answer),
    ...(calls ?? []).flatMap(callLines),
    ...(calls ? totals(answer) : []),
    ...notes.map((note) => `  ${colour('yellow', 'note')}  ${note}`),
    ...(error ? [`  ${colour('red', error.name)}  ${error.message}`] : []),
  ].join('\n');
}

/** Reports a target without a document for `status` alone: the other commands use a document of their own. */
function lastApplied({ applied, syncToken, orphan }: TargetAnswer): string[] {
  if (!applied) return syncToken === undefined && !orphan ? ['  not brought to a document yet'] : [];
  const { createDate, services, at, ranges, groups } = applied;
  const contents = `${counted(ranges, 'range')} in ${counted(groups, 'group or list')}`;
  return [`  brought to ${applied.syncToken} of ${createDate} for ${services.join(', ')} at ${at}: ${contents}`];
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
    ...(attachedTo ? [`  attached to ${attachedTo} network interfaces or load balancers`] : []),
  ];
}

function callLines({ call, on, add = [], remove = [], detail }: PlannedCall): string[] {
  return [
    `  ${call} ${on}${detail ? `, ${detail}` : ''}`,
    ...add.map((one) => colour('green', `    + ${one}`)),
    ...remove.map((one) => colour('red', `    - ${one}`)),
  ];
}

function totals({ calls = [], figures, error }: TargetAnswer): string[] {
  if (calls.length === 0 && error) return [];
  const sum = (what: 'add' | 'remove') => calls.reduce((all, call) => all + (call[what]?.length ?? 0), 0);
  const total = figures ? `; ${counted(figures.ranges, 'range')} in ${counted(figures.groups, 'group or list')}` : '';
  if (calls.length === 0) return [`  nothing to do${total}`];
  return [`  ${counted(calls.length, 'call')}: ${sum('add')} added, ${sum('remove')} removed${total}`];
}

const counted = (count: number, what: string) =>
  `${count} ${count === 1 ? what : what.replace(/(\w+)( or |$)/g, '$1s$2')}`;
