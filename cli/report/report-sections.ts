/** The tables of a report, from what the ledger and Security Hub have counted. Pure. */

import { CIS_VERSIONS, cisNumbersOf } from '../../functions/domain/benchmarks.ts';
import { percentile, sumOf } from '../../functions/domain/durations.ts';
import { Ending } from '../../functions/domain/ledger.ts';
import type { DayStatistics } from '../../functions/ports/ledger-queries.ts';
import { type AccountNames, accountText, NO_NAMES } from '../names/account-name.ts';
import { daysBetween } from '../output/utc-day.ts';

export type ReportFacts = {
  /** Days such as `2026-11-22`, in UTC, both included. */
  readonly from: string;
  readonly to: string;
  readonly statistics: readonly DayStatistics[];
  /** Findings of the time that failed again after a fix, by control. */
  readonly recurred: Readonly<Record<string, number>>;
  /** Findings that Suture left as they were in that time and that pass now, by control. */
  readonly ownerFixes: Readonly<Record<string, number>>;
  /** Failing findings now, by control. */
  readonly failing: Readonly<Record<string, number>>;
  readonly suppressed: Readonly<Record<string, number>>;
  /** Paths of organizational units, by account. */
  readonly units: Readonly<Record<string, string>>;
  readonly names?: AccountNames | undefined;
};

export type ReportSection = {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The column, after the first, that a chart shows. */
  readonly chart?: number;
};

/** Names accounts by their ids alone if `facts` has no names. */
export const reportSections = (facts: ReportFacts): ReportSection[] => [
  outcomeSection(facts),
  ownerSection(facts),
  toldSection(facts),
  timeSection(facts),
  daySection(facts),
  groupSection('controls', 'Controls', 'control', facts.statistics, ({ control }) => control),
  groupSection('accounts', 'Accounts', 'account', facts.statistics, ({ account }) =>
    accountText(account, facts.names ?? NO_NAMES),
  ),
  groupSection(
    'units',
    'Organizational units',
    'unit',
    facts.statistics,
    ({ account }) => facts.units[account] ?? 'unknown',
  ),
  recurrenceSection(facts),
  benchmarkSection(facts),
];

const ENDINGS = Ending.options.flatMap((option) => ('options' in option ? option.options : [option.value]));

const countOf = (statistics: readonly DayStatistics[], ending: Ending): number =>
  statistics.reduce((sum, { endings }) => sum + (endings[ending] ?? 0), 0);

const OUTCOME_MEANINGS: Readonly<Partial<Record<Ending, string>>> = {
  FIXED: 'fixed and verified',
  COMPLIANT: 'its owner had fixed it when Suture came',
  REFUSED: 'not changed: denied, or the remediation left it',
  NOTIFIED: 'left to its owner, who manages it by code',
  PLANNED: 'only planned',
  ARCHIVED: 'archived by a suppression',
  FAILED: 'failed',
  ROLLED_BACK: 'undone',
  IGNORED: 'ignored: policy, an exemption, or no remediation',
  REJECTED: 'rejected by triage',
};

function outcomeSection({ statistics }: ReportFacts): ReportSection {
  const rows = ENDINGS.filter((ending) => OUTCOME_MEANINGS[ending]).map((ending) => [
    ending.toLowerCase().replaceAll('_', ' '),
    String(countOf(statistics, ending)),
    OUTCOME_MEANINGS[ending]!,
  ]);
  const note = 'How executions ended.';
  return { id: 'outcomes', title: 'Outcomes', note, headings: ['outcome', 'findings', 'meaning'], rows, chart: 1 };
}

/** Counts executions in `before`, of which a finding may have several, and findings in `later`. */
function ownerSection({ ownerFixes, statistics }: ReportFacts): ReportSection {
  const before = new Map(
    [...Map.groupBy(statistics, ({ control }) => control)].map(([control, group]) => [
      control,
      countOf(group, 'COMPLIANT'),
    ]),
  );
  const rows = [...new Set([...before.keys(), ...Object.keys(ownerFixes)])]
    .map((control) => ({ control, early: before.get(control) ?? 0, late: ownerFixes[control] ?? 0 }))
    .filter(({ early, late }) => early + late > 0)
    .sort((a, b) => b.early + b.late - a.early - a.late || a.control.localeCompare(b.control, 'en', { numeric: true }))
    .map(({ control, early, late }) => [control, String(early + late), String(early), String(late)]);
  const note =
    'Before: compliant when Suture came. Later: Suture left the finding as it was (planned, waiting, refused, undone, or ' +
    'failed before a change), and its check passes now. A finding whose fix failed under way is not counted, nor one that ' +
    'is gone.';
  const headings = ['control', 'fixed by owners', 'before', 'later'];
  return { id: 'owners', title: 'Fixed by their owners', note, headings, rows, chart: 1 };
}

/** Counts different findings in both columns: an owner who is told on one day may change the resource on another. */
function toldSection({ statistics }: ReportFacts): ReportSection {
  const sum = (group: readonly DayStatistics[], name: 'told' | 'fixed') =>
    group.reduce((all, each) => all + each[name], 0);
  const rows = [...Map.groupBy(statistics, ({ control }) => control)]
    .map(([control, group]) => {
      const told = sum(group, 'told') + countOf(group, 'NOTIFIED');
      return { control, told, fixed: sum(group, 'fixed') };
    })
    .filter(({ told, fixed }) => told + fixed > 0)
    .sort((a, b) => b.told - a.told || a.control.localeCompare(b.control, 'en', { numeric: true }))
    .map(({ control, told, fixed }) => [control, String(told), String(fixed)]);
  const note =
    'Owners who were given time (grace), or to whom the change is left (NOTIFIED), and those whose resource was as it ' +
    'should be when Suture looked again.';
  return { id: 'told', title: 'Told first', note, headings: ['control', 'owners told', 'fixed by owners'], rows };
}

function timeSection({ statistics }: ReportFacts): ReportSection {
  const byRow = [['all', statistics] as const, ...Map.groupBy(statistics, ({ control }) => control)];
  const rows = byRow.flatMap(([name, group]) => {
    const durations = sumOf(group.map((each) => each.durations));
    const [p50, p95] = [percentile(durations, 0.5), percentile(durations, 0.95)];
    return p50 === undefined ? [] : [[name, String(countOf(group, 'FIXED')), p50.toFixed(1), p95!.toFixed(1)]];
  });
  const note = "Seconds from the finding's arrival to the verified fix, waiting for people and windows included.";
  return { id: 'time', title: 'Time to fix', note, headings: ['control', 'fixes', 'p50 (s)', 'p95 (s)'], rows };
}

function daySection({ from, to, statistics }: ReportFacts): ReportSection {
  const byDay = Map.groupBy(statistics, ({ day }) => day);
  const rows = daysBetween(from, to).map((day) => {
    const group = byDay.get(day) ?? [];
    return [day, ...DAY_ENDINGS.map((ending) => String(countOf(group, ending)))];
  });
  return { id: 'days', title: 'Days', note: 'In UTC.', headings: ['day', ...ENDING_NAMES], rows, chart: 1 };
}

const DAY_ENDINGS = [
  'FIXED',
  'COMPLIANT',
  'PLANNED',
  'REFUSED',
  'NOTIFIED',
  'ARCHIVED',
  'FAILED',
  'ROLLED_BACK',
] as const;
const ENDING_NAMES = DAY_ENDINGS.map((ending) => ending.toLowerCase().replaceAll('_', ' '));

/** Sorts by the number of fixes, the greatest first. */
function groupSection(
  id: string,
  title: string,
  heading: string,
  statistics: readonly DayStatistics[],
  nameOf: (each: DayStatistics) => string,
): ReportSection {
  const rows = [...Map.groupBy(statistics, nameOf)]
    .map(([name, group]) => ({ name, counts: DAY_ENDINGS.map((ending) => countOf(group, ending)) }))
    .filter(({ counts }) => counts.some((count) => count > 0))
    .sort((a, b) => b.counts[0]! - a.counts[0]! || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(({ name, counts }) => [name, ...counts.map(String)]);
  return { id, title, note: `By ${heading}.`, headings: [heading, ...ENDING_NAMES], rows, chart: 1 };
}

function recurrenceSection({ recurred, statistics }: ReportFacts): ReportSection {
  const fixes = (control: string) =>
    countOf(
      statistics.filter((each) => each.control === control),
      'FIXED',
    );
  const reverted = (control: string) =>
    statistics.reduce((sum, each) => sum + (each.control === control ? each.reverted : 0), 0);
  const controls = [...Object.keys(recurred), ...statistics.map(({ control }) => control)];
  const rows = [...new Set(controls)]
    .map((control) => ({ control, count: recurred[control] ?? 0, undone: reverted(control) }))
    .filter(({ count, undone }) => count + undone > 0)
    .sort((a, b) => b.count - a.count || b.undone - a.undone)
    .map(({ control, count, undone }) => [control, String(count), String(undone), String(fixes(control))]);
  const note =
    'Findings that failed again after their fix, and were processed again. Reverted: by a deployment of the stack that has the resource, or by whom CloudTrail names.';
  const headings = ['control', 'recurred', 'reverted by deployments', 'fixes'];
  return { id: 'recurrence', title: 'Recurrence', note, headings, rows };
}

function benchmarkSection({ failing, suppressed }: ReportFacts): ReportSection {
  const rows = CIS_VERSIONS.flatMap((version) => {
    const controls = [...new Set([...Object.keys(failing), ...Object.keys(suppressed)])];
    const numbers = controls.flatMap((control) =>
      (cisNumbersOf(control)[version] ?? []).map((number) => ({ number, control })),
    );
    return [...Map.groupBy(numbers, ({ number }) => number)]
      .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([number, group]) => {
        const sum = (counts: ReportFacts['failing']) =>
          group.reduce((all, { control }) => all + (counts[control] ?? 0), 0);
        const names = group.map(({ control }) => control).join(', ');
        return [`CIS ${version}`, number, names, String(sum(failing)), String(sum(failing) + sum(suppressed))];
      });
  });
  const headings = ['benchmark', 'number', 'controls', 'failing', 'with suppressed'];
  const note =
    'Failing findings now, by requirement: as the security score counts them, and with those that are suppressed.';
  return { id: 'benchmarks', title: 'Benchmarks', note, headings, rows };
}
