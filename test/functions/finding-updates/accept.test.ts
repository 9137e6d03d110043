import { describe, expect, it } from 'vitest';
import { slimFinding } from '../../../functions/domain/finding-names.ts';
import type { InboxMessage } from '../../../functions/domain/finding-update.ts';
import { Job, type QueueMessage } from '../../../functions/domain/job.ts';
import { noteOf, noteOfFailure, noteOfReopening } from '../../../functions/domain/notes.ts';
import type { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { UpdateSender } from '../../../functions/domain/update-senders.ts';
import { acceptanceOf } from '../../../functions/finding-updates/accept.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { SUPPRESSING_POLICY } from './messages.ts';

const NOW = Date.UTC(2026, 10, 22);
const RESOURCE = { Type: 'AwsEc2SecurityGroup', Id: 'arn:aws:ec2:eu-west-1:333333333333:security-group/sg-1' };
const FINDING = controlFinding({
  control: 'EC2.13',
  account: '333333333333',
  region: 'eu-west-1',
  resource: RESOURCE,
  name: 'f',
  at: new Date(NOW),
});
const JOB = {
  v: 3 as const,
  execution: 'arn:e',
  started: '2026-11-22T02:00:00.000Z',
  reason: 'r',
  finding: { ...slimFinding(FINDING as never), control: 'EC2.13', ouPath: '/Workloads', unitIds: ['ou-1'] },
};
const ARCHIVED: Job = { ...JOB, route: 'archive', suppression: 'all' };
const IGNORED: Job = { ...JOB, route: 'ignore' };
const FIXED = Job.parse({
  ...JOB,
  route: 'remediate',
  work: {
    remediation: 'ec2/close-admin-ports',
    version: 1,
    risk: 'safe',
    mode: 'apply',
    policy: { mode: 'auto', tags: {} },
    approvalSeconds: 1,
    target: {},
    params: {},
    lease: 'l',
  },
  result: { kind: 'fixed', before: 1, after: 2, summary: 's', version: 1 },
});
const PLAN = { before: 1, after: 2, summary: 's', version: 1, plan: 'd'.repeat(64), risk: 'safe', awaits: 'approval' };
const PLANNED = Job.parse({ ...FIXED, result: { kind: 'planned', ...PLAN } });

const FIXED_BY_OWNER = Job.parse({
  ...FIXED,
  toldAt: JOB.started,
  result: { kind: 'compliant', because: 'it is right' },
});

const TOKEN = 'token';
const MESSAGES: Readonly<Record<QueueMessage['kind'], QueueMessage>> = {
  archive: { v: 3, kind: 'archive', token: TOKEN, job: ARCHIVED },
  approval: { v: 3, kind: 'approval', askedAt: JOB.started, job: PLANNED },
  record: { v: 3, kind: 'record', job: IGNORED },
  notify: { v: 3, kind: 'notify', job: FIXED, note: noteOf(FIXED)! },
  note: { v: 3, kind: 'note', job: FIXED_BY_OWNER, note: noteOf(FIXED_BY_OWNER)! },
  reopen: { v: 3, kind: 'reopen', job: FIXED, note: noteOfReopening(1) },
};
const RECORD = { job: FIXED, lastExecution: JOB.execution, reopened: 1 };
const RECORDS: Partial<Record<QueueMessage['kind'], object>> = { note: { ...RECORD, job: FIXED_BY_OWNER } };

type Facts = { sender: UpdateSender | undefined; policy?: SuturePolicy; record?: object | null; finding?: unknown };
const acceptance = (
  body: QueueMessage,
  { sender, policy = SUPPRESSING_POLICY, record = RECORD, finding = FINDING }: Facts,
) => {
  const message: InboxMessage = { id: 'm', body, sender };
  return acceptanceOf(message, {
    now: () => NOW,
    policy: { read: async () => policy },
    queries: { record: async () => (record ?? undefined) as never },
    findFinding: async () => finding,
  });
};
const kindOf = async (body: QueueMessage, facts: Facts) => (await acceptance(body, facts)).kind;

describe('a message', () => {
  const KINDS = Object.keys(MESSAGES) as QueueMessage['kind'][];
  const ALLOWED: Readonly<Record<UpdateSender, readonly string[]>> = {
    workflow: ['archive', 'approval', 'record'],
    report: ['notify', 'note'],
    failures: ['note'],
    recurringFindings: ['reopen'],
    api: ['archive', 'record', 'notify', 'note', 'reopen'],
  };
  it.each(Object.entries(ALLOWED) as [UpdateSender, string[]][])('from %s counts as %j only', async (sender, kinds) => {
    const accepted = [];
    for (const kind of KINDS) {
      const record = RECORDS[kind] ?? RECORD;
      if ((await kindOf(MESSAGES[kind], { sender, record })) === 'accepted') accepted.push(kind);
    }
    expect(accepted).toEqual(kinds);
  });
  it.each(KINDS)('from any other sender is forged: %s', async (kind) => {
    expect(await kindOf(MESSAGES[kind], { sender: undefined })).toBe('forged');
  });
});

describe('an archive message', () => {
  const archive = (job: Partial<Job>): QueueMessage => ({ ...MESSAGES.archive, job: { ...ARCHIVED, ...job } });
  const suppressions = (more: object) => ({
    ...SUPPRESSING_POLICY,
    suppressions: [{ ...SUPPRESSING_POLICY.suppressions[0]!, ...more }],
  });

  it.each([
    ['names no suppression', { suppression: undefined }],
    ['takes another route', { route: 'remediate' as const }],
    ['has a result', { result: FIXED.result }],
    ['is approved', { approval: { approved: true, by: 'eve', at: 'now' } }],
  ])('that %s is forged', async (_, job) => {
    expect(await kindOf(archive(job), { sender: 'workflow' })).toBe('forged');
  });
  it.each([
    ['is gone', { id: 'another' }],
    ['has ended', { expires: '2026-11-21' }],
    ['is of another control', { criteria: { control: 'EC2.14' } }],
    ['is of another account', { criteria: { account: '444444444444' } }],
  ])('whose suppression %s in the live policy is outdated', async (_, more) => {
    expect(await kindOf(MESSAGES.archive, { sender: 'workflow', policy: suppressions(more) })).toBe('outdated');
  });
  it('is tried again if the policy cannot be read', async () => {
    const message: InboxMessage = { id: 'm', body: MESSAGES.archive, sender: 'workflow' };
    const policy = { read: () => Promise.reject(new Error('no policy')) };
    const deps = { now: () => NOW, policy, queries: undefined as never, findFinding: undefined as never };
    expect(await acceptanceOf(message, deps)).toEqual({ kind: 'unknown', because: 'Error: no policy' });
  });
  it.each([
    ['is gone', null],
    ['is of another account', { ...FINDING, AwsAccountId: '444444444444' }],
    ['has another control', { ...FINDING, Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.14' } }],
    ['has another resource', { ...FINDING, Resources: [{ ...RESOURCE, Id: `${RESOURCE.Id}2` }] }],
  ])('that was a dead letter is outdated if its finding %s', async (_, finding) => {
    expect(await kindOf(MESSAGES.archive, { sender: 'api', finding })).toBe('outdated');
  });
});

describe('a record message', () => {
  const record = (job: Partial<Job>): QueueMessage => ({ v: 3, kind: 'record', job: { ...IGNORED, ...job } });
  it.each([
    ['a fix', FIXED],
    ['a result', { result: FIXED.result }],
    ['an approval', { approval: { approved: true, by: 'eve', at: 'now' } }],
    ['an archived finding', ARCHIVED],
    ['a remediation', { route: 'remediate' as const }],
  ])('that claims %s is forged', async (_, job) => {
    expect(await kindOf(record(job), { sender: 'workflow' })).toBe('forged');
  });
  it('of an event that came twice is accepted', async () => {
    const duplicate = record({ result: { kind: 'duplicate', because: 'it came twice' } });
    expect(await kindOf(duplicate, { sender: 'workflow' })).toBe('accepted');
  });
  it('that was a dead letter is outdated if another execution handled the finding', async () => {
    expect(await kindOf(MESSAGES.record, { sender: 'api', record: null })).toBe('accepted');
    expect(await kindOf(MESSAGES.record, { sender: 'api', record: { ...RECORD, lastExecution: 'x' } })).toBe(
      'outdated',
    );
  });
});

describe('a dead letter with a note', () => {
  it('about a failure counts if the ledger has that failure', async () => {
    const job = { ...FIXED, toldAt: JOB.started, result: undefined };
    const body: QueueMessage = { v: 3, kind: 'note', job, note: noteOfFailure(job, 'Stopped')! };
    const failed = { ...RECORD, job, ofStatus: 'FAILED' };
    expect(await kindOf(body, { sender: 'api', record: { ...failed, error: 'Stopped' } })).toBe('accepted');
    expect(await kindOf(body, { sender: 'api', record: { ...failed, error: 'CapReached' } })).toBe('outdated');
  });
  it.each(['notify', 'note', 'reopen'] as const)(
    'counts only if the note follows from the ledger: %s',
    async (kind) => {
      const body = { ...MESSAGES[kind], note: 'another note' } as QueueMessage;
      expect(await kindOf(body, { sender: 'api' })).toBe('outdated');
      expect(await kindOf(MESSAGES[kind], { sender: 'api', record: null })).toBe('outdated');
      expect(await kindOf(MESSAGES[kind], { sender: 'api', record: { ...RECORD, lastExecution: 'x' } })).toBe(
        'outdated',
      );
    },
  );
});
