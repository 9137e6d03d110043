/** `suture status`: how things stand, in one look. */

import { percentile, sumOf } from '../../functions/domain/durations.ts';
import type { Ending, FindingStatus } from '../../functions/domain/ledger.ts';
import type { DayStatistics, Listed } from '../../functions/ledger/ledger-queries.ts';
import { deadLetters } from '../clients/dead-letters.ts';
import { ringingAlarms, throttlesOfTheDay } from '../clients/health.ts';
import { type Operator, type OperatorEnvironment, operatorIn } from '../clients/operator.ts';
import { type Stops, stopsIn } from '../clients/stops.ts';
import { all } from '../options/selection.ts';
import { colour, onTerminal, table, tabSeparated } from '../output/terminal.ts';

export type StatusOptions = OperatorEnvironment & { readonly json?: boolean; readonly days?: number };

/** Findings of one control in one account: what is open now, and what ended in the last days. */
export type Place = {
  readonly control: string;
  readonly account: string;
  readonly open: number;
  readonly waiting: number;
  readonly failed: number;
  readonly fixed: number;
  readonly archived: number;
};
export type StatusReport = {
  /** Of every status: findings that stand so now. */
  readonly findings: Readonly<Record<string, number>>;
  readonly places: readonly Place[];
  /** Failures that wait for somebody, by error. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of open, waiting and failed ones, since when (ISO 8601) the oldest stands so. */
  readonly oldest: Readonly<Partial<Record<FindingStatus, { readonly findingId: string; readonly changedAt: string }>>>;
  /** Messages by queue. */
  readonly deadLetters: Readonly<Record<string, number>>;
  /** Of the last day, by function or state machine. */
  readonly throttles: Readonly<Record<string, number>>;
  readonly alarms: readonly string[];
  readonly stops: Pick<Stops, 'stopped' | 'circuits' | 'caps'>;
  /** Seconds from finding to verified fix, of the fixes of these days. */
  readonly days: number;
  readonly fixes: number;
  readonly p50: number | null;
  readonly p95: number | null;
  /** What asks for a person; none: all is well. */
  readonly attention: readonly string[];
};

const UNSETTLED = ['OPEN', 'WAITING', 'FAILED'] as const satisfies readonly FindingStatus[];
const SETTLED = [
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'PLANNED',
  'ARCHIVED',
  'ROLLED_BACK',
] as const satisfies readonly FindingStatus[];
const DAY = 86_400_000;

/** `well` is false when something asks for a person. */
export async function statusCommand({
  json,
  days = 7,
  ...around
}: StatusOptions): Promise<{ text: string; well: boolean }> {
  const report = await statusOf(await operatorIn(around), days);
  const well = report.attention.length === 0;
  if (json) return { text: JSON.stringify(report, null, 2), well };
  return { text: onTerminal ? page(report) : tabSeparated(lines(report)), well };
}

async function statusOf(operator: Operator, days: number): Promise<StatusReport> {
  const { ledger, now, dynamo } = operator;
  const dates = Array.from({ length: days }, (_, n) => new Date(now() - n * DAY).toISOString().slice(0, 10));
  const unsettled: Listed[] = [];
  for (const status of UNSETTLED) for await (const each of all(operator, { status })) unsettled.push(each);
  const [statistics, settled, queues, throttles, alarms, stops] = await Promise.all([
    ledger.statistics(dates),
    Promise.all(SETTLED.map(async (status) => [status, await ledger.count({ status })] as const)),
    deadLetters(operator),
    throttlesOfTheDay(operator),
    ringingAlarms(operator),
    stopsIn(dynamo, now).all(),
  ]);
  const failed = unsettled.filter(({ ofStatus }) => ofStatus === 'FAILED');
  const durations = sumOf(statistics.map((each) => each.durations));
  const report = {
    findings: Object.fromEntries([
      ...UNSETTLED.map((status) => [status, unsettled.filter(({ ofStatus }) => ofStatus === status).length]),
      ...settled,
    ]),
    places: placesOf(unsettled, statistics),
    errors: countBy(failed, ({ error }) => error ?? 'unknown'),
    oldest: oldestOf(unsettled),
    deadLetters: Object.fromEntries(queues.map(({ queue, messages }) => [queue, messages])),
    throttles,
    alarms,
    stops: { stopped: stops.stopped, circuits: stops.circuits, caps: stops.caps },
    days,
    fixes: total(statistics, 'FIXED'),
    p50: percentile(durations, 0.5) ?? null,
    p95: percentile(durations, 0.95) ?? null,
  };
  return { ...report, attention: attentionFor(report) };
}

function attentionFor({ findings, deadLetters: queues, stops, alarms }: Omit<StatusReport, 'attention'>): string[] {
  const letters = Object.values(queues).reduce((sum, each) => sum + each, 0);
  return [
    ...(stops.stopped ? [`Suture is stopped: ${stops.stopped.reason ?? 'no reason was given'} (suture resume)`] : []),
    ...(findings.FAILED
      ? [`${findings.FAILED} failed (suture list --status failed, then suture show, suture replay)`]
      : []),
    ...(letters > 0 ? [`${letters} dead letters (suture dlq list)`] : []),
    ...(stops.circuits.length > 0 ? [`${stops.circuits.length} circuits are not closed (suture stops)`] : []),
    ...(alarms.length > 0 ? [`alarms ring: ${alarms.join(', ')} (docs/runbook.md)`] : []),
  ];
}

function placesOf(unsettled: readonly Listed[], statistics: readonly DayStatistics[]): Place[] {
  const now = Map.groupBy(unsettled, ({ ofControl = '-', ofAccount = '-' }) => `${ofControl} ${ofAccount}`);
  const ended = Map.groupBy(statistics, ({ control, account }) => `${control} ${account}`);
  return [...new Set([...now.keys(), ...ended.keys()])]
    .map((place) => {
      const [control, account] = place.split(' ') as [string, string];
      const standing = (status: FindingStatus) =>
        now.get(place)?.filter(({ ofStatus }) => ofStatus === status).length ?? 0;
      return {
        control,
        account,
        open: standing('OPEN'),
        waiting: standing('WAITING'),
        failed: standing('FAILED'),
        fixed: total(ended.get(place) ?? [], 'FIXED'),
        archived: total(ended.get(place) ?? [], 'ARCHIVED'),
      };
    })
    .filter(({ control: _, account: __, ...counts }) => Object.values(counts).some((count) => count > 0))
    .sort((a, b) => b.failed - a.failed || a.control.localeCompare(b.control) || a.account.localeCompare(b.account));
}

function oldestOf(unsettled: readonly Listed[]): StatusReport['oldest'] {
  const byStatus = Map.groupBy(unsettled, ({ ofStatus }) => ofStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => {
      const { findingId, changedAt } = those.reduce((old, each) => (each.changedAt < old.changedAt ? each : old));
      return [status, { findingId, changedAt }];
    }),
  );
}

const total = (statistics: readonly DayStatistics[], ending: Ending) =>
  statistics.reduce((sum, { endings }) => sum + (endings[ending] ?? 0), 0);

const countBy = <T>(things: readonly T[], name: (thing: T) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(things, name)].map(([key, those]) => [key, those.length]));

/** What it is, its name, and how many or since when. */
function lines({
  findings,
  places,
  oldest,
  deadLetters: queues,
  throttles,
  alarms,
  p50,
  p95,
  attention,
}: StatusReport) {
  return [
    ...Object.entries(findings).map(([status, count]) => ['findings', status, `${count}`]),
    ...places.map(({ control, account, ...counts }) => ['place', control, account, ...pairs(counts)]),
    ...Object.entries(oldest).map(([status, { changedAt, findingId }]) => ['oldest', status, changedAt, findingId]),
    ...Object.entries(queues).map(([queue, count]) => ['dead-letters', queue, `${count}`]),
    ...Object.entries(throttles).map(([name, count]) => ['throttled', name, `${count}`]),
    ...alarms.map((name) => ['alarm', name]),
    ...(p50 === null
      ? []
      : [
          ['seconds-to-fix', 'p50', p50.toFixed(1)],
          ['seconds-to-fix', 'p95', p95!.toFixed(1)],
        ]),
    ...attention.map((what) => ['attention', what]),
  ];
}

const pairs = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([name, count]) => `${name}=${count}`);

function page(report: StatusReport): string {
  const { findings, places, errors, oldest, throttles, days, fixes, p50, p95, attention } = report;
  return [
    attention.length === 0 ? colour('green', 'All is well.') : colour('red', 'This needs a person:'),
    ...attention.map((what) => `  ${what}`),
    '',
    Object.entries(findings)
      .map(([status, count]) => `${count} ${status.toLowerCase().replaceAll('_', ' ')}`)
      .join(', '),
    p50 === null
      ? `No fix in ${days} days.`
      : `${fixes} fixes in ${days} days; from finding to verified fix p50 ${inWords(p50)}, p95 ${inWords(p95!)}.`,
    ...Object.entries(oldest).map(
      ([status, { changedAt, findingId }]) => `Oldest ${status.toLowerCase()}: since ${changedAt}, ${findingId}`,
    ),
    ...Object.entries(errors).map(([error, count]) => `Failed with ${error}: ${count}`),
    ...Object.entries(throttles).map(([name, count]) => `Throttled in the last day: ${name}, ${count} times`),
    '',
    ...(places.length === 0
      ? []
      : [
          table(
            ['control', 'account', 'open', 'waiting', 'failed', `fixed (${days} d)`, `archived (${days} d)`],
            places.map(({ control, account, ...counts }) => [control, account, ...Object.values(counts).map(String)]),
          ),
        ]),
  ].join('\n');
}

const inWords = (seconds: number): string =>
  seconds < 120
    ? `${seconds.toFixed(1)} s`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`;
