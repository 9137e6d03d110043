import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { plainCell } from '../../functions/domain/plain-text.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import type { StartOptions } from '../../functions/domain/start-options.ts';
import { executionToReplay, planReplayStep, type ReplayStep } from '../../functions/ledger/replay-step.ts';
import type { HistoryLine, LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import type { WorkflowExecutions } from '../../functions/ports/workflow-executions.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const ADA = 'arn:aws:sts::111111111111:assumed-role/Operator/ada';
const EVENT = { id: 'event', detail: {} };
const FAILED = {
  executionArn: 'last',
  status: 'FAILED',
  redriveStatus: 'REDRIVABLE',
  input: JSON.stringify(EVENT),
} as const;
const record = (more: Partial<LedgerRecord> = {}) =>
  ({
    findingId: 'f',
    ofStatus: 'FAILED',
    lastExecution: 'last',
    blockedUntil: 0,
    attempts: 1,
    job: {},
    ...more,
  }) as LedgerRecord;

type PlanSetup = {
  readonly startOptions?: StartOptions;
  readonly isCurrent?: boolean;
  readonly more?: Partial<LedgerRecord>;
  readonly policy?: SuturePolicy | 'unreadable';
  /** The status of the finding's account in the directory. */
  readonly status?: string;
  readonly excluded?: readonly string[];
};

const plan = (
  description: Partial<DescribeExecutionOutput> | undefined,
  { startOptions = {}, isCurrent = true, more, policy, status = 'ACTIVE', excluded }: PlanSetup = {},
): Promise<ReplayStep> => {
  const executions = { describe: async () => description, hasCurrentDefinition: async () => isCurrent };
  return planReplayStep(record(more), 'last', startOptions, executions as unknown as WorkflowExecutions, {
    caller: ADA,
    now: () => NOW,
    accounts: {
      read: async (id) => ({ id, status, ouPath: '/', unitIds: [], seenAt: NOW }),
      excluded: async () => excluded,
    },
    policy: async () => {
      if (policy === 'unreadable') throw new Error('AppConfig is not there');
      return policy;
    },
  });
};

describe('planReplayStep', () => {
  it.each<[what: string, how: ReplayStep['how'], why: RegExp, Parameters<typeof plan>]>([
    ['redrives a failed execution', 'redrive', /continues/, [FAILED]],
    ['redrives within the hour too', 'redrive', /continues/, [FAILED, { more: { blockedUntil: NOW } }]],
    [
      'starts an execution after 14 days',
      'start',
      /period exceeded/,
      [{ ...FAILED, redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution redrivable period exceeded' }],
    ],
    [
      'starts an execution after a refused archive, whose suppression may have ended',
      'start',
      /triage decides again/,
      [FAILED, { more: { error: 'FindingUpdateRefused' } }],
    ],
    ['starts an execution by a changed workflow', 'start', /changed since/, [FAILED, { isCurrent: false }]],
    [
      'starts an execution after one that succeeded',
      'start',
      /the last one ended without an error/,
      [{ ...FAILED, status: 'SUCCEEDED' }, { more: { ofStatus: 'REFUSED' } }],
    ],
    [
      'starts an execution for a start option',
      'start',
      /a new execution, because of --again/,
      [FAILED, { startOptions: { again: true } }],
    ],
    ['leaves a running execution', 'leave', /is running/, [{ ...FAILED, status: 'RUNNING' }]],
    ['leaves a deleted execution', 'leave', /backfill/, [undefined]],
    [
      'leaves a duplicate within the hour',
      'leave',
      /--again/,
      [{ ...FAILED, status: 'SUCCEEDED' }, { more: { blockedUntil: NOW } }],
    ],
    [
      'leaves a finding after five failed executions',
      'leave',
      /5 executions failed/,
      [FAILED, { isCurrent: false, more: { attempts: 5 } }],
    ],
    [
      'leaves a finding that was rolled back',
      'leave',
      /rolled back/,
      [{ ...FAILED, status: 'SUCCEEDED' }, { more: { ofStatus: 'ROLLED_BACK' } }],
    ],
    [
      'starts an execution for a duplicate with --again',
      'start',
      /a new execution, because of --again/,
      [FAILED, { startOptions: { again: true }, more: { ofStatus: 'ROLLED_BACK', blockedUntil: NOW } }],
    ],
  ])('%s', async (_, how, why, given) => {
    const step = await plan(...given);
    expect(step.how).toBe(how);
    expect(step.why).toMatch(why);
    expect(plainCell(step.why)).toBe(step.why);
  });

  it('starts with the original input, the caller and the start options', async () => {
    const { input } = await plan({ ...FAILED, status: 'SUCCEEDED' }, { startOptions: { again: true } });
    expect(input).toEqual({ ...EVENT, askedBy: ADA, startOptions: { again: true } });
  });
  it("drops the earlier caller and that caller's start options", async () => {
    const before = { ...EVENT, askedBy: 'somebody', startOptions: { overCaps: true } };
    const { input } = await plan({ ...FAILED, status: 'SUCCEEDED', input: JSON.stringify(before) });
    expect(JSON.parse(JSON.stringify(input))).toEqual({ ...EVENT, askedBy: ADA });
  });
});

describe('a failed finding whose change policy leaves alone now', () => {
  const policyWith = (more: object) => SuturePolicy.parse({ version: 1, controls: { 'EC2.13': 'auto' }, ...more });
  const criteria = { control: 'EC2.13', account: '333333333333' };
  const exemption = { id: 'by-hand', reason: 'fixed by hand', owner: 'team-a', expires: '2099-12-31', criteria };
  const exempt = policyWith({ exemptions: [exemption] });
  const finding = { id: 'f', control: 'EC2.13', account: '333333333333' };
  const work = { mode: 'apply', risk: 'safe', signature: 's' };
  const failed = (more: object = {}, jobMode = 'apply'): Partial<LedgerRecord> => ({
    ...{ job: { finding, work: { ...work, mode: jobMode } } as LedgerRecord['job'] },
    ...more,
  });
  it('is decided again, also within the hour and after five failed executions', async () => {
    const step = await plan(FAILED, { policy: exempt, more: failed({ blockedUntil: NOW, attempts: 5 }) });
    expect(step).toMatchObject({ how: 'start', input: { ...EVENT, askedBy: ADA } });
    expect(step.why).toBe('triage decides again. Policy leaves this finding alone now, by by-hand: fixed by hand');
  });
  it.each([
    ['the exemption is of another account', policyWith({ exemptions: [{ ...exemption, criteria: { account: '4' } }] })],
    ['the mode is off, which another mode ends', policyWith({ controls: { 'EC2.13': 'off' } })],
    ['its day has passed', policyWith({ exemptions: [{ ...exemption, expires: '2026-11-21' }] })],
  ])('continues if %s', async (_, policy) => {
    expect((await plan(FAILED, { policy, more: failed() })).how).toBe('redrive');
  });
  it('continues without the policy if a rollback failed, or triage did', async () => {
    for (const more of [failed({}, 'rollback'), { job: { finding } as LedgerRecord['job'] }])
      expect((await plan(FAILED, { policy: 'unreadable', more })).how).toBe('redrive');
    await expect(plan(FAILED, { policy: 'unreadable', more: failed() })).rejects.toThrow('AppConfig');
  });
  it.each<[what: string, setup: Partial<PlanSetup>, why: string]>([
    ['left the organization', { status: 'LEFT' }, 'Account 333333333333 has left the organization'],
    ['is suspended', { status: 'SUSPENDED' }, 'Account 333333333333 is SUSPENDED now'],
    ['is excluded', { excluded: ['333333333333'] }, 'cdk.json excludes account 333333333333 now'],
  ])('is decided again if its account %s, whatever policy says', async (_, setup, why) => {
    const step = await plan(FAILED, { ...setup, policy: 'unreadable', more: failed() });
    expect(step).toMatchObject({ how: 'start', why: `triage decides again. ${why}` });
    expect((await plan(FAILED, { ...setup, more: failed({}, 'rollback') })).how).toBe('redrive');
  });
  it('continues if a rollback failed, which no exemption stops', async () => {
    expect((await plan(FAILED, { policy: exempt, more: failed({}, 'rollback') })).how).toBe('redrive');
  });
});

describe('executionToReplay', () => {
  const line = (execution: string, mode: string) => ({ job: { execution, work: { mode } } }) as HistoryLine;
  const history = [line('fix', 'apply'), line('undo', 'rollback')];
  it('returns the fix after a rollback', () => {
    expect(executionToReplay(record({ ofStatus: 'ROLLED_BACK', lastExecution: 'undo' }), history)).toBe('fix');
  });
  it('returns a rollback that failed', () => {
    expect(executionToReplay(record({ lastExecution: 'undo' }), history)).toBe('undo');
  });
});
