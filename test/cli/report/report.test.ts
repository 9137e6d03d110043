import { describe, expect, it } from 'vitest';
import { daysBetween } from '../../../cli/output/utc-day.ts';
import { formatReport } from '../../../cli/report/report-formats.ts';
import { type ReportFacts, reportSections } from '../../../cli/report/report-sections.ts';
import { bucketOf } from '../../../functions/domain/durations.ts';

const EVIL = '=HYPERLINK("http://x")<script>|\u202e';
const FACTS: ReportFacts = {
  ...{ from: '2026-11-01', to: '2026-11-03' },
  statistics: [
    {
      ...{ day: '2026-11-01', account: '333333333333', control: 'EC2.13' },
      ...{ endings: { FIXED: 3, COMPLIANT: 1, NOTIFIED: 1 }, durations: { [bucketOf(10)]: 2, [bucketOf(1000)]: 1 } },
      ...{ told: 3, fixed: 2, reverted: 1 },
    },
    {
      day: '2026-11-03',
      account: '444444444444',
      control: EVIL,
      endings: { FAILED: 2, FIXED: 1 },
      durations: {},
      told: 0,
      fixed: 0,
      reverted: 0,
    },
  ],
  ...{ recurred: { 'EC2.13': 1 }, failing: { 'EC2.2': 4, 'EC2.13': 1 }, suppressed: { 'EC2.2': 2 } },
  ...{ ownerFixes: { 'EC2.2': 2, 'EC2.13': 1 }, units: { '333333333333': '/Shop' } },
};
const SECTIONS = reportSections(FACTS);
const rowsOf = (id: string) => SECTIONS.find((section) => section.id === id)!.rows;

describe('a report', () => {
  it('counts outcomes', () => {
    expect(
      rowsOf('outcomes')
        .filter(([, count]) => count !== '0')
        .map(([name, count]) => [name, count]),
    ).toEqual(
      expect.arrayContaining([
        ['fixed', '4'],
        ['compliant', '1'],
        ['failed', '2'],
      ]),
    );
  });
  it('counts findings that owners fixed before Suture came, and later', () => {
    expect(rowsOf('owners')).toEqual([
      ['EC2.2', '2', '0', '2'],
      ['EC2.13', '2', '1', '1'],
    ]);
  });
  it('counts owners who were told first or left the change, and those who then changed it', () => {
    expect(rowsOf('told')).toEqual([['EC2.13', '4', '2']]);
  });
  it('has p50 and p95 of the time to fix', () => {
    const [[name, fixes, p50, p95]] = rowsOf('time') as [string[]];
    expect([name, fixes]).toEqual(['all', '4']);
    expect(Number(p50)).toBeGreaterThan(9);
    expect(Number(p50)).toBeLessThan(11.5);
    expect(Number(p95)).toBeGreaterThan(900);
  });
  it('counts by day, account, unit and recurrence', () => {
    expect(rowsOf('days').map(([day, fixed]) => [day, fixed])).toEqual([
      ['2026-11-01', '3'],
      ['2026-11-02', '0'],
      ['2026-11-03', '1'],
    ]);
    expect(rowsOf('accounts')[0]!.slice(0, 3)).toEqual(['333333333333', '3', '1']);
    expect(rowsOf('units').map(([unit]) => unit)).toEqual(['/Shop', 'unknown']);
    expect(rowsOf('recurrence')).toEqual([['EC2.13', '1', '1', '3']]);
  });
  it('has benchmarks by number, with and without suppressed findings', () => {
    expect(rowsOf('benchmarks')).toContainEqual(['CIS 5.0', '5.5', 'EC2.2', '4', '6']);
    expect(rowsOf('benchmarks')).toContainEqual(['CIS 3.0', '5.4', 'EC2.2', '4', '6']);
  });
  it('names each day, also over the end of a month', () => {
    expect(daysBetween('2026-02-27', '2026-03-01T10:00Z')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  });
});

describe('text of members in a report', () => {
  it('is no formula and no new cell in CSV', () => {
    const csv = formatReport('csv', 'title', SECTIONS);
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")<script>|\ufffd"`);
    expect(csv.split('\r\n')[0]).toBe('"table","outcome","findings","meaning"');
  });
  it('is no markup in HTML, which has charts, and asks nothing of the network', () => {
    const html = formatReport('html', 'a <title>', SECTIONS);
    expect(html).not.toMatch(/<script|\u202e|<title>a <|<link|<img|src=|@import|url\(/);
    expect(html).toContain('=HYPERLINK(&quot;http://x&quot;)&lt;script&gt;|');
    expect(html.match(/<svg /g)).toHaveLength(6);
    expect(html).toContain("default-src 'none'");
  });
  it('is no cell and no markup in Markdown', () => {
    expect(formatReport('md', 'title', SECTIONS)).toContain('| =HYPERLINK("http(:)//x")\\<script\\>\\|\ufffd | 1 |');
  });
});
