import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CONFIGURE, statusSteps } from '../../../cli/attention/next-steps.ts';
import { type AttentionKind, attentionPoints, type StatusReport } from '../../../cli/clients/status-report.ts';

const WELL = {
  ...{ findings: { FAILED: 0 }, errors: {}, waitingForRole: 0, waitingForStack: 0, deadLetters: {}, alarms: [] },
  ...{ unreadBecause: null, approvals: 0, proposals: 0, uncountedBecause: null },
  stops: { circuits: [], caps: [] },
} as unknown as StatusReport;
const FACTS: Readonly<Record<AttentionKind, object>> = {
  stopped: { stops: { ...WELL.stops, stopped: { reason: 'a trial' } } },
  failed: { findings: { FAILED: 1 } },
  approvals: { approvals: 2 },
  proposals: { proposals: 1 },
  answersUncounted: { uncountedBecause: 'no answer' },
  role: { waitingForRole: 2 },
  stack: { waitingForStack: 2 },
  deadLetters: { deadLetters: { 'suture-finding-events-dlq': 1 } },
  circuits: { stops: { ...WELL.stops, circuits: [{}] } },
  alarms: { alarms: [{ name: 'suture-triage-errors' }] },
  alarmsUnread: { unreadBecause: 'no answer' },
};

it('is nothing, for status and for next, while nothing needs a person', () => {
  expect([attentionPoints(WELL), statusSteps(WELL)]).toEqual([[], []]);
});
it.each(Object.entries(FACTS))('is one thing for status and a step for next: %s', (kind, facts) => {
  const report = { ...WELL, ...facts };
  expect(attentionPoints(report).map((point) => point.kind)).toEqual([kind]);
  expect(statusSteps(report)).toHaveLength(1);
});

it('next names the article of each alarm, as status does, and of each queue', () => {
  const alarms = [
    { name: 'suture-triage-errors', article: 'triage-errors' },
    { name: 'suture-report-throttled', article: 'function-throttled' },
    { name: 'suture-proxy-throttled', article: 'function-throttled' },
  ];
  const deadLetters = { 'suture-finding-events-dlq': 2, 'suture-messages-dlq': 0 };
  const pages = (more: object) =>
    statusSteps({ ...WELL, ...more })[0]!.instructions.filter((each) => each.startsWith('docs/'));
  expect(pages({ alarms })).toEqual(['docs/runbook.md#triage-errors', 'docs/runbook.md#function-throttled']);
  expect(pages({ alarms: [{ name: 'suture-of-people' }] })).toEqual(['docs/runbook.md']);
  expect(pages({ deadLetters })).toEqual(['docs/runbook.md#finding-events-dlq']);
});

it('the command that names an installation has the security account of cdk.json, as the sandbox does', () => {
  const { securityAccount } = JSON.parse(readFileSync('cdk.json', 'utf8')).context.suture;
  expect(CONFIGURE.instructions).toEqual([
    expect.stringMatching(new RegExp(`production --account ${securityAccount}$`)),
  ]);
});
