/** The status of an installation as text: a page, rows for a pipe or a file, and one line. */

import { installedNames } from '../clients/installed-names.ts';
import type { OldestFinding, StatusReport } from '../clients/status-report.ts';
import { type AccountNames, accountCell } from '../names/account-name.ts';
import { shortId } from '../names/short-names.ts';
import { ageText } from '../output/age.ts';
import { countText } from '../output/count-text.ts';
import { fittedTable } from '../output/fitted-table.ts';
import { orDash } from '../output/listing.ts';
import { colour } from '../output/terminal.ts';

export type StatusPageFacts = {
  readonly now: number;
  readonly accounts: AccountNames;
  readonly width?: number;
};

/** @param report with harmless texts, as `plain` returns them */
export function statusPage(report: StatusReport, facts: StatusPageFacts): string {
  const { findings, oldest, errors, throttles, attention } = report;
  return [
    attention.length === 0 ? colour('green', wellText(report)) : colour('red', 'This needs a person:'),
    ...attention.map((what) => `  ${what}`),
    ...unreadLines(report),
    '',
    ...countLines(findings),
    fixText(report),
    ...Object.entries(oldest).map(([status, finding]) => oldestText(status, finding, facts)),
    ...Object.entries(errors).map(([error, count]) => `Failed with ${error}: ${count}`),
    ...Object.entries(throttles).map(
      ([name, count]) => `Throttled in the last day: ${name}, ${countText(count, 'time')}`,
    ),
    '',
    ...groupTable(report, facts),
  ].join('\n');
}

const wellText = ({ unreadAccount }: StatusReport) =>
  unreadAccount === null ? 'All is well.' : 'All is well in the security account.';

/** Says which alarms the report does not have. */
export const unreadLines = ({ unreadAccount }: Pick<StatusReport, 'unreadAccount'>): string[] =>
  unreadAccount === null
    ? []
    : [
        `Alarms of the service account ${unreadAccount} are not read here:`,
        `its topic ${installedNames().alarmTopic} sends them.`,
      ];

function fixText({ days, fixes, undone, p50, p95 }: StatusReport): string {
  const time = countText(days, 'day');
  if (p50 === null) return `No fix in ${time}.`;
  const without = undone > 0 ? `, without ${undone} that people undid` : '';
  return `${countText(fixes, 'fix', 'fixes')} in ${time}${without}; to a verified fix p50 ${durationText(p50)}, p95 ${durationText(p95!)}.`;
}

/** Returns the counts of unsettled findings on one line, and the other counts above zero on the next. */
function countLines(findings: StatusReport['findings']): string[] {
  const counts = Object.entries(findings).map(([status, count]) => ({
    isSettled: !UNSETTLED.has(status),
    count,
    text: `${count} ${status.toLowerCase().replaceAll('_', ' ')}`,
  }));
  const settled = counts.filter(({ isSettled, count }) => isSettled && count > 0);
  return [counts.filter(({ isSettled }) => !isSettled), settled]
    .filter((line) => line.length > 0)
    .map((line) => line.map(({ text }) => text).join(', '));
}

const UNSETTLED: ReadonlySet<string> = new Set(['OPEN', 'WAITING', 'FAILED']);

function oldestText(status: string, { findingId, changedAt, control, account }: OldestFinding, facts: StatusPageFacts) {
  const where = `${orDash(control)} in ${accountCell(account, facts.accounts)}`;
  return `Oldest ${status.toLowerCase()}: ${shortId(findingId)}, ${where}, for ${ageText(changedAt, facts.now)}`;
}

function groupTable({ groups, days }: StatusReport, facts: StatusPageFacts): string[] {
  if (groups.length === 0) return [];
  const counts = ['open', 'waiting', 'failed', `fixed (${days}d)`, `archived (${days}d)`];
  return [
    fittedTable(
      [
        { heading: 'control', cut: { side: 'end', min: 8 } },
        { heading: 'account', cut: { side: 'end', min: 12 } },
        ...counts.map((heading) => ({ heading })),
      ],
      groups.map(({ control, account, ...numbers }) => [
        control,
        accountCell(account, facts.accounts),
        ...Object.values(numbers).map(String),
      ]),
      facts.width,
    ),
  ];
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Returns the counts and what needs a person, on one line. */
export const statusLine = (report: StatusReport): string => {
  const { findings, attention } = report;
  return [
    Object.entries(findings)
      .map(([status, count]) => `${count} ${status.toLowerCase()}`)
      .join(', '),
    attention.length === 0 ? wellText(report).toLowerCase().slice(0, -1) : attention.join('; '),
  ].join('\t');
};

/** Returns rows of a kind, a name, and a count or a time. */
export function statusRows({
  findings,
  groups,
  oldest,
  deadLetters,
  throttles,
  alarms,
  unreadAccount,
  p50,
  p95,
  attention,
}: StatusReport) {
  return [
    ...Object.entries(findings).map(([status, count]) => ['findings', status, `${count}`]),
    ...groups.map(({ control, account, ...counts }) => ['group', control, account, ...pairs(counts)]),
    ...Object.entries(oldest).map(([status, { changedAt, findingId }]) => ['oldest', status, changedAt, findingId]),
    ...Object.entries(deadLetters).map(([queue, count]) => ['dead-letters', queue, `${count}`]),
    ...Object.entries(throttles).map(([name, count]) => ['throttled', name, `${count}`]),
    ...alarms.map(({ name, region = '', article = '' }) => ['alarm', name, region, article]),
    ...(unreadAccount === null ? [] : [['alarms-not-read', unreadAccount]]),
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
