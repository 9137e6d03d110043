import { describe, expect, it } from 'vitest';
import { approvalId } from '../../../functions/domain/approval.ts';
import type { Job, JobWork, RemediationResult } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import {
  jobAfterAttempt,
  MAX_REPEATED_APPROVALS,
  withoutEndedApproval,
} from '../../../functions/proxy/repeated-approval.ts';

const PLAN = 'a'.repeat(64);
const WORK = { remediation: 'ec2/close-admin-ports', version: 1, risk: 'disruptive' } as JobWork;
const APPROVED_AT = '2026-11-23T10:00:00Z';
const APPROVAL = { approved: true, by: 'ada', at: APPROVED_AT, plan: PLAN };
const planned = (before: unknown, awaits?: 'approval'): RemediationResult => ({
  kind: 'planned',
  before,
  after: { rules: [] },
  summary: 's',
  version: 1,
  plan: PLAN,
  ...(awaits && { awaits }),
});
const job = (more: Partial<Job> = {}): Job => ({
  v: 3,
  execution: 'e',
  started: 's',
  route: 'approve',
  reason: 'r',
  finding: { id: 'f', productArn: 'p', control: 'EC2.13', account: '333333333333' },
  work: WORK,
  approval: APPROVAL,
  ...more,
});
const policy = (more: object = {}) => SuturePolicy.parse({ version: 1, controls: { 'EC2.13': 'approve' }, ...more });

describe('an approval', () => {
  const isHeld = (more: object, at: string, risk: JobWork['risk'] = 'disruptive') =>
    withoutEndedApproval(job(), { ...WORK, risk }, policy(more), new Date(at)).approval !== undefined;
  // 2026-11-23 is a Monday.
  const weekly = { windows: [{ id: 'weekend', days: ['sat'], from: '22:00', to: '02:00' }] };
  const daily = { windows: [{ id: 'morning', from: '09:00', to: '12:00' }] };

  it.each<[string, object, string, boolean]>([
    ['holds for a day', {}, '2026-11-24T09:59:59Z', true],
    ['ends after a day', {}, '2026-11-24T10:00:00Z', false],
    ['ends when policy says', { approvals: { validHours: 2 } }, '2026-11-23T12:00:00Z', false],
    ['holds until its weekly window opens', weekly, '2026-11-28T21:00:00Z', true],
    ['holds to the end of that window', weekly, '2026-11-29T01:59:00Z', true],
    ['ends with that window', weekly, '2026-11-29T02:00:00Z', false],
    ['that is given in a window holds to the end of that window', daily, '2026-11-23T11:59:00Z', true],
    ['that is given in a window ends with it, although a day is not over', daily, '2026-11-23T12:00:00Z', false],
  ])('%s', (_, more, at, held) => {
    expect(isHeld(more, at)).toBe(held);
  });
  it('of a safe change has no window', () => {
    expect(isHeld(daily, '2026-11-23T13:00:00Z', 'safe')).toBe(true);
  });
  it('ends at once if its time cannot be read', () => {
    const unreadable = job({ approval: { ...APPROVAL, at: 'soon' } });
    expect(withoutEndedApproval(unreadable, WORK, policy(), new Date(APPROVED_AT)).approval).toBeUndefined();
  });
});

describe('a job after a plan that waits for approval', () => {
  it('asks for approval a first time, which does not count', () => {
    const asked = jobAfterAttempt(job({ approval: undefined }), planned({}, 'approval'), 1000);
    expect(asked.askedAgain).toBeUndefined();
    expect(asked.ask).toEqual({ id: approvalId(asked.execution), expires: String(1 + 365 * 86_400) });
  });
  it('asks for no approval after the change', () => {
    const approved = job({ ask: { id: 'f'.repeat(32), expires: '1' } });
    expect(jobAfterAttempt(approved, planned({})).ask).toBeUndefined();
  });
  it('loses the approval of an earlier plan, and counts the request', () => {
    const asked = job({ result: planned({ rules: [1] }, 'approval') });
    expect(jobAfterAttempt(asked, planned({ rules: [2] }, 'approval'))).toMatchObject({
      approval: undefined,
      askedAgain: 1,
    });
  });
  it('also counts a request after a missed window', () => {
    const deferred = {
      kind: 'deferred',
      because: 'b',
      until: APPROVED_AT,
      planned: { before: {}, after: {} },
    } as const;
    expect(jobAfterAttempt(job({ result: deferred }), planned({}, 'approval')).askedAgain).toBe(1);
  });
  it('fails with the differences after three more requests', () => {
    const asked = job({
      askedAgain: MAX_REPEATED_APPROVALS,
      result: planned({ rules: [1, 2], name: 'a' }, 'approval'),
    });
    const message = expect.stringMatching(
      /4 times.*before\.rules: no longer 1\nbefore\.rules: new 3\nbefore\.name: "a" → "b"/s,
    );
    expect(() => jobAfterAttempt(asked, planned({ rules: [2, 3], name: 'b' }, 'approval'))).toThrow(
      expect.objectContaining({ name: 'PlanChanged', message }),
    );
  });
  it('keeps the approval of a completed change, and the version that made it', () => {
    const asked = job({ result: planned({}, 'approval') });
    const fixed: RemediationResult = { kind: 'fixed', before: {}, after: {}, summary: 's', version: 2 };
    expect(jobAfterAttempt(asked, fixed)).toMatchObject({ approval: APPROVAL, work: { version: 2 } });
  });
});
