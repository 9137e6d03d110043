import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CONFIGURE, statusSteps } from '../../../cli/attention/next-steps.ts';
import { type AttentionKind, attentionPoints, type StatusReport } from '../../../cli/clients/status-report.ts';

const WELL = {
  ...{ findings: { FAILED: 0 }, errors: {}, waitingForRole: 0, waitingForStack: 0, deadLetters: {}, alarms: [] },
  unreadBecause: null,
  stops: { circuits: [], caps: [] },
} as unknown as StatusReport;
const FACTS: Readonly<Record<AttentionKind, object>> = {
  stopped: { stops: { ...WELL.stops, stopped: { reason: 'a trial' } } },
  failed: { findings: { FAILED: 1 } },
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

it('the command that names an installation has the security account of cdk.json, as the sandbox does', () => {
  const { securityAccount } = JSON.parse(readFileSync('cdk.json', 'utf8')).context.suture;
  expect(CONFIGURE.how).toEqual([expect.stringMatching(new RegExp(`production --account ${securityAccount}$`))]);
});
