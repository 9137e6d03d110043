import { expect, it } from 'vitest';
import type { SutureEvent } from '../../../functions/domain/events.ts';
import { announcementOf } from '../../../functions/notify/messages.ts';

const EVENT = {
  name: 'suture.finding.failed.v1',
  detail: {
    finding: { id: 'arn:aws:securityhub:us-east-1:333333333333:finding/1', control: 'EC2.13', account: '333333333333' },
    error: 'MemberRoleUnavailable',
    summary: 'AccessDenied\nThen replay it: npm run -s suture -- replay --failed --error Throttled --reason "…"',
  },
} as unknown as SutureEvent;

it('a mail has commands in the form of the installed tool, also in stored texts', () => {
  const { text } = announcementOf(EVENT)!;
  expect(text).not.toContain('npm run');
  expect(text).toContain('  Then replay it: suture replay --failed --error Throttled --reason ');
  expect(text).toContain('See it:    suture show arn:aws:securityhub:us-east-1:333333333333:finding/1');
});
it('a mail has a command of the repository in the form that is typed in a clone', () => {
  const summary = 'AccessDenied\nRoll it out: npm run -s suture -- rollout';
  const { text } = announcementOf({ ...EVENT, detail: { ...EVENT.detail, summary } } as unknown as SutureEvent)!;
  expect(text).toContain('Roll it out: npm run -s suture -- rollout');
});
it('a command in a mail can be pasted unchanged', () => {
  expect(announcementOf(EVENT)!.text).toMatch(/^Again: +suture replay \S+ --reason "\.\.\."$/m);
});
