import { expect, it } from 'vitest';
import { attentionPoints, type StatusReport } from '../../../cli/clients/status-report.ts';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { statusLine, statusPage, statusRows } from '../../../cli/status/status-page.ts';
import { LEDGER_NOW, ledgerItem } from '../../support/ledger-in-memory.ts';

const GROUP = { open: 0, waiting: 0, failed: 1, fixed: 12, archived: 3 };
const OLDEST = {
  findingId: ledgerItem('0f6e1a2b-0000-4000-8000-000000000001').findingId,
  changedAt: new Date(LEDGER_NOW - 3 * 3_600_000).toISOString(),
  control: 'EC2.13',
  account: '333333333333',
};
const REPORT: StatusReport = {
  findings: { OPEN: 0, WAITING: 1, FAILED: 2, FIXED: 1234, COMPLIANT: 10, ARCHIVED: 0, ROLLED_BACK: 3 },
  groups: [
    { control: 'EC2.13', account: '333333333333', ...GROUP },
    { control: 'RedshiftServerless.1', account: '444444444444', ...GROUP },
    { control: '-', account: '-', ...GROUP },
  ],
  waitingForRole: 0,
  waitingForStack: 0,
  waitingForOwner: 0,
  errors: { MemberRoleUnavailable: 2 },
  oldest: { FAILED: OLDEST },
  deadLetters: {},
  throttles: {},
  alarms: [],
  unreadAccount: '222222222222',
  unreadBecause: null,
  approvals: 0,
  proposals: 0,
  uncountedBecause: null,
  stops: { stopped: null, circuits: [], caps: [] },
  days: 7,
  fixes: 1,
  undone: 0,
  p50: 4.9,
  p95: 840,
  attention: ['2 failed: suture list --status failed'],
};
const ACCOUNTS = new Map([
  ['333333333333', 'shop-production'],
  ['444444444444', `データ基盤${'-long'.repeat(20)}`],
]);

it.each([80, 100, 120, 200])('the page of the status fits %i columns', (width) => {
  const lines = statusPage(REPORT, { now: LEDGER_NOW, accounts: ACCOUNTS, width }).split('\n');
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  expect(lines).toContain('0 open, 1 waiting, 2 failed');
  expect(lines).toContain('1234 fixed, 10 compliant, 3 rolled back');
  expect(lines).toContain('Oldest failed: 0f6e1a2b, EC2.13 in shop-production, for 3h');
  expect(lines.find((line) => line.startsWith('EC2.13'))).toMatch(/^EC2\.13 +shop-produc\S+ +0 +0 +1 +12 +3/);
});
it('names accounts by their ids before the directory has listed them', () => {
  expect(statusPage(REPORT, { now: LEDGER_NOW, accounts: new Map(), width: 80 })).toMatch(/^EC2\.13 +333333333333 /m);
});
it('claims nothing about alarms that it did not read', () => {
  const facts = { now: LEDGER_NOW, accounts: ACCOUNTS, width: 100 };
  const well = { ...REPORT, attention: [] };
  const trial = { ...well, unreadAccount: null };
  const unread = [
    'Alarms of the service account 222222222222 are not read here:',
    'its topic suture-alarms sends them.',
  ];
  expect(statusPage(well, facts).split('\n').slice(0, 3)).toEqual(['All is well in the security account.', ...unread]);
  expect(statusPage(trial, facts)).toMatch(/^All is well\.\n\n/);
  expect(statusPage(REPORT, facts)).toContain(unread.join('\n'));
  expect(statusLine(well)).toMatch(/\tall is well in the security account$/);
  expect(statusRows({ ...well, alarms: [{ name: 'a' }, { name: 'b', region: 'eu-west-1' }] })).toEqual(
    expect.arrayContaining([
      ['alarm', 'a', '', ''],
      ['alarm', 'b', 'eu-west-1', ''],
      ['alarms-not-read', '222222222222'],
    ]),
  );
});
it('says how many fixes people undid', () => {
  const facts = { now: LEDGER_NOW, accounts: ACCOUNTS, width: 100 };
  expect(statusPage(REPORT, facts)).toContain('1 fix in 7 days; to a verified fix');
  expect(statusPage({ ...REPORT, undone: 2 }, facts)).toContain('1 fix in 7 days, without 2 that people undid; to');
});
it('names the article beside each active alarm', () => {
  const alarms = [{ name: 'suture-of-people' }, { name: 'suture-report-throttled', article: 'function-throttled' }];
  const report = { ...REPORT, findings: {}, alarms };
  expect(attentionPoints(report).map(({ text }) => text)).toEqual([
    'active alarm: suture-of-people: docs/runbook.md',
    'active alarm: suture-report-throttled: docs/runbook.md#function-throttled',
  ]);
  expect(statusRows(report).filter(([kind]) => kind === 'alarm')).toEqual([
    ['alarm', 'suture-of-people', '', ''],
    ['alarm', 'suture-report-throttled', '', 'function-throttled'],
  ]);
});
