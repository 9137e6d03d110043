/** The status of an installation: the ledger's findings and statistics, dead letters, throttles, alarms and stops. */

import { percentile, sumOf } from '../../functions/domain/durations.ts';
import { WAITS_FOR_OWNER } from '../../functions/domain/grace.ts';
import type { Ending, FindingStatus } from '../../functions/domain/ledger.ts';
import { WAITS_FOR_ROLE, WAITS_FOR_STACK } from '../../functions/domain/stops.ts';
import type { DayStatistics, LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { countText } from '../output/count-text.ts';
import { stopText } from '../output/stop-text.ts';
import { utcDay } from '../output/utc-day.ts';
import { type AlarmReport, alarmText, readAlarms } from './alarms.ts';
import { listDeadLetterQueues } from './dead-letters.ts';
import { listFindings } from './findings.ts';
import { throttlesOfLastDay } from './health.ts';
import type { Operator } from './operator.ts';
import { type Stops, stopsClient } from './stops.ts';
import { countWaitingAnswers, type WaitingAnswers } from './waiting-answers.ts';

/** Counts of one control in one account: unsettled findings now, and findings settled in the last days. */
export type FindingGroup = {
  readonly control: string;
  readonly account: string;
  readonly open: number;
  readonly waiting: number;
  readonly failed: number;
  readonly fixed: number;
  readonly archived: number;
};

export type OldestFinding = {
  readonly findingId: string;
  readonly changedAt: string;
  readonly control?: string;
  readonly account?: string;
};

export type StatusReport = AlarmReport &
  WaitingAnswers & {
    readonly findings: Readonly<Record<string, number>>;
    readonly groups: readonly FindingGroup[];
    readonly errors: Readonly<Record<string, number>>;
    /** Changes that wait because the member role of their account is too old. */
    readonly waitingForRole: number;
    /** Changes that wait because the workflow and their remediation are of different releases. */
    readonly waitingForStack: number;
    /** Changes that wait because the owner of the resource has time. */
    readonly waitingForOwner: number;
    readonly oldest: Readonly<Partial<Record<FindingStatus, OldestFinding>>>;
    readonly deadLetters: Readonly<Record<string, number>>;
    readonly throttles: Readonly<Record<string, number>>;
    readonly stops: Pick<Stops, 'stopped' | 'circuits' | 'caps'>;
    readonly days: number;
    /** Fixes less rollbacks: a fix that was undone and made again counts once. */
    readonly fixes: number;
    /** Fixes that people undid. */
    readonly undone: number;
    /** Seconds from finding to verified fix. */
    readonly p50: number | null;
    readonly p95: number | null;
    readonly attention: readonly string[];
  };

const UNSETTLED = ['OPEN', 'WAITING', 'FAILED'] as const satisfies readonly FindingStatus[];
const SETTLED = [
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'NOTIFIED',
  'PLANNED',
  'ARCHIVED',
  'ROLLED_BACK',
] as const satisfies readonly FindingStatus[];

export async function readStatus(operator: Operator, days: number): Promise<StatusReport> {
  const { ledger, now, dynamo } = operator;
  const dates = Array.from({ length: days }, (_, n) => utcDay(now(), -n));
  const unsettled: LedgerListItem[] = [];
  for (const status of UNSETTLED) for await (const each of listFindings(operator, { status })) unsettled.push(each);
  const [statistics, settled, queues, throttles, alarms, answers, stops] = await Promise.all([
    ledger.statistics(dates),
    Promise.all(SETTLED.map(async (status) => [status, await ledger.count({ status })] as const)),
    listDeadLetterQueues(operator),
    throttlesOfLastDay(operator),
    readAlarms(operator),
    countWaitingAnswers(operator),
    stopsClient(dynamo, now).all(),
  ]);
  const durations = sumOf(statistics.map((each) => each.durations));
  const report = {
    findings: Object.fromEntries([
      ...UNSETTLED.map((status) => [status, unsettled.filter(({ ofStatus }) => ofStatus === status).length]),
      ...settled,
    ]),
    groups: groupsOf(unsettled, statistics),
    errors: countErrors(unsettled),
    waitingForRole: unsettled.filter(isWaitingFor(WAITS_FOR_ROLE)).length,
    waitingForStack: unsettled.filter(isWaitingFor(WAITS_FOR_STACK)).length,
    waitingForOwner: unsettled.filter(isWaitingFor(WAITS_FOR_OWNER)).length,
    oldest: oldestByStatus(unsettled),
    deadLetters: Object.fromEntries(queues.map(({ queue, messages }) => [queue, messages])),
    throttles,
    ...alarms,
    ...answers,
    stops: { stopped: stops.stopped, circuits: stops.circuits, caps: stops.caps },
    days,
    fixes: fixesOf(statistics),
    undone: countEndings(statistics, 'ROLLED_BACK'),
    p50: percentile(durations, 0.5) ?? null,
    p95: percentile(durations, 0.95) ?? null,
  };
  return { ...report, attention: attentionPoints(report).map(({ text }) => text) };
}

/** Kinds of what needs a person. `next` has a step for each, and `triage` names those for which it has no keys. */
export type AttentionKind =
  | 'stopped'
  | 'failed'
  | 'approvals'
  | 'proposals'
  | 'answersUncounted'
  | 'role'
  | 'stack'
  | 'deadLetters'
  | 'circuits'
  | 'alarms'
  | 'alarmsUnread';

export type AttentionPoint = { readonly kind: AttentionKind; readonly text: string };

type AttentionFacts = Pick<
  StatusReport,
  | keyof WaitingAnswers
  | 'findings'
  | 'waitingForRole'
  | 'waitingForStack'
  | 'deadLetters'
  | 'stops'
  | 'alarms'
  | 'unreadBecause'
>;

/** Returns what needs a person, from which `status`, `next` and `triage` all take it. */
export function attentionPoints(facts: AttentionFacts): AttentionPoint[] {
  const { findings, waitingForRole, waitingForStack, deadLetters, stops, alarms, unreadBecause } = facts;
  const messages = Object.values(deadLetters).reduce((sum, each) => sum + each, 0);
  const circuits = stops.circuits.length;
  const { approvals, proposals, uncountedBecause } = facts;
  const failed = findings.FAILED ?? 0;
  const stopped = stops.stopped ? stopText(stops.stopped) : '';
  const all: readonly (readonly [kind: AttentionKind, needed: boolean, text: string])[] = [
    ['stopped', stopped !== '', `Suture is stopped ${stopped}: suture resume --reason "…"`],
    ['failed', failed > 0, `${failed} failed: suture list --status failed`],
    ['approvals', approvals > 0, `${waitingText(approvals, 'change')} for approval: suture approvals`],
    ['proposals', proposals > 0, `${waitingText(proposals, 'proposal')} for a second person: suture proposals list`],
    ['answersUncounted', uncountedBecause !== null, `approvals and proposals could not be read: ${uncountedBecause}`],
    [
      'role',
      waitingForRole > 0,
      `${waitingForRole} wait for a newer member role: docs/upgrade.md#a-role-that-is-too-old`,
    ],
    [
      'stack',
      waitingForStack > 0,
      `${waitingForStack} wait for the end of an upgrade: docs/upgrade.md#while-half-of-the-stacks-are-new`,
    ],
    ['deadLetters', messages > 0, `${countText(messages, 'dead letter')}: suture dlq list`],
    ['circuits', circuits > 0, `${circuitsText(circuits)}: suture stops`],
    ...alarms.map(
      (alarm) => ['alarms', true, `active alarm: ${alarmText(alarm)}: ${articleText(alarm.article)}`] as const,
    ),
    ['alarmsUnread', unreadBecause !== null, `alarms of the Region of IP ranges could not be read: ${unreadBecause}`],
  ];
  return all.flatMap(([kind, needed, text]) => (needed ? [{ kind, text }] : []));
}

export const waitingText = (count: number, thing: string): string =>
  countText(count, `${thing} waits`, `${thing}s wait`);
export const articleText = (article: string | undefined): string =>
  article === undefined ? 'docs/runbook.md' : `docs/runbook.md#${article}`;
export const circuitsText = (count: number): string => `${countText(count, 'circuit is', 'circuits are')} not closed`;

/** Groups with the most failures come first; empty groups are omitted. */
function groupsOf(unsettled: readonly LedgerListItem[], statistics: readonly DayStatistics[]): FindingGroup[] {
  const now = Map.groupBy(unsettled, ({ ofControl = '-', ofAccount = '-' }) => `${ofControl} ${ofAccount}`);
  const settled = Map.groupBy(statistics, ({ control, account }) => `${control} ${account}`);
  return [...new Set([...now.keys(), ...settled.keys()])]
    .map((key) => {
      const [control, account] = key.split(' ') as [string, string];
      const count = (status: FindingStatus) => now.get(key)?.filter(({ ofStatus }) => ofStatus === status).length ?? 0;
      return {
        control,
        account,
        open: count('OPEN'),
        waiting: count('WAITING'),
        failed: count('FAILED'),
        fixed: fixesOf(settled.get(key) ?? []),
        archived: countEndings(settled.get(key) ?? [], 'ARCHIVED'),
      };
    })
    .filter(({ control: _, account: __, ...counts }) => Object.values(counts).some((count) => count > 0))
    .sort((a, b) => b.failed - a.failed || a.control.localeCompare(b.control) || a.account.localeCompare(b.account));
}

function oldestByStatus(unsettled: readonly LedgerListItem[]): StatusReport['oldest'] {
  const byStatus = Map.groupBy(unsettled, ({ ofStatus }) => ofStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, items]) => {
      const oldest = items.reduce((old, each) => (each.changedAt < old.changedAt ? each : old));
      const { findingId, changedAt, ofControl: control, ofAccount: account } = oldest;
      return [status, { findingId, changedAt, control, account }];
    }),
  );
}

const isWaitingFor =
  (beginning: string) =>
  ({ ofStatus, reason }: LedgerListItem): boolean =>
    ofStatus === 'WAITING' && reason.startsWith(beginning);

function countErrors(unsettled: readonly LedgerListItem[]): Record<string, number> {
  const failed = unsettled.filter(({ ofStatus }) => ofStatus === 'FAILED');
  const byError = Map.groupBy(failed, ({ error }) => error ?? 'unknown');
  return Object.fromEntries([...byError].map(([error, items]) => [error, items.length]));
}

/** Counts fixes less rollbacks, because a second fix after a rollback has an ending of its own. */
function fixesOf(statistics: readonly DayStatistics[]): number {
  const groups = Map.groupBy(statistics, ({ control, account }) => `${control} ${account}`).values();
  return [...groups].reduce(
    (sum, group) => sum + Math.max(0, countEndings(group, 'FIXED') - countEndings(group, 'ROLLED_BACK')),
    0,
  );
}

const countEndings = (statistics: readonly DayStatistics[], ending: Ending) =>
  statistics.reduce((sum, { endings }) => sum + (endings[ending] ?? 0), 0);
