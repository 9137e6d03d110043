/** How a finding is dealt with once more, by what Step Functions and the ledger know of it. */
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Executions } from '../../../cli/clients/executions.ts';
import { type Replaying, replayed, replayingOf } from '../../../cli/clients/replaying.ts';
import type { Line, Recorded } from '../../../functions/ledger/ledger-queries.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const ADA = 'arn:aws:sts::111111111111:assumed-role/Operator/ada';
const EVENT = { id: 'event', detail: {} };
const FAILED = {
  executionArn: 'last',
  status: 'FAILED',
  redriveStatus: 'REDRIVABLE',
  input: JSON.stringify(EVENT),
} as const;
const record = (more: Partial<Recorded> = {}) =>
  ({
    findingId: 'f',
    ofStatus: 'FAILED',
    lastExecution: 'last',
    blockedUntil: 0,
    attempts: 1,
    job: {},
    ...more,
  }) as Recorded;

const plan = (
  described: Partial<DescribeExecutionOutput> | undefined,
  { asks = {}, current = true, more }: { asks?: object; current?: boolean; more?: Partial<Recorded> } = {},
): Promise<Replaying> => {
  const executions = { describe: async () => described, hasCurrentDefinition: async () => current };
  return replayingOf(record(more), 'last', asks, executions as unknown as Executions, { caller: ADA, now: () => NOW });
};

describe('a finding is', () => {
  it.each<[what: string, how: Replaying['how'], why: RegExp, Parameters<typeof plan>]>([
    ['redriven where it failed', 'redrive', /goes on/, [FAILED]],
    ['redriven within the hour too', 'redrive', /goes on/, [FAILED, { more: { blockedUntil: NOW } }]],
    [
      'started anew after 14 days',
      'start',
      /period exceeded/,
      [{ ...FAILED, redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution redrivable period exceeded' }],
    ],
    ['started anew by another workflow', 'start', /changed since/, [FAILED, { current: false }]],
    [
      'started anew where it succeeded',
      'start',
      /succeeded/,
      [{ ...FAILED, status: 'SUCCEEDED' }, { more: { ofStatus: 'REFUSED' } }],
    ],
    ['started anew for who wishes more', 'start', /wish/, [FAILED, { asks: { overCaps: true } }]],
    ['left while it runs', 'leave', /under way/, [{ ...FAILED, status: 'RUNNING' }]],
    ['left where Step Functions has forgotten it', 'leave', /backfill/, [undefined]],
    ['left within the hour', 'leave', /--again/, [{ ...FAILED, status: 'SUCCEEDED' }, { more: { blockedUntil: NOW } }]],
    [
      'left after five that failed',
      'leave',
      /5 executions failed/,
      [FAILED, { current: false, more: { attempts: 5 } }],
    ],
    [
      'left where it was rolled back',
      'leave',
      /rolled back/,
      [{ ...FAILED, status: 'SUCCEEDED' }, { more: { ofStatus: 'ROLLED_BACK' } }],
    ],
    [
      'started all the same for who says so',
      'start',
      /wish/,
      [FAILED, { asks: { again: true }, more: { ofStatus: 'ROLLED_BACK', blockedUntil: NOW } }],
    ],
  ])('%s', async (_, how, why, given) => {
    const replaying = await plan(...given);
    expect(replaying.how).toBe(how);
    expect(replaying.why).toMatch(why);
  });

  it('started with the original input, who asks, and what is asked', async () => {
    const { input } = await plan({ ...FAILED, status: 'SUCCEEDED' }, { asks: { again: true } });
    expect(input).toEqual({ ...EVENT, askedBy: ADA, asks: { again: true } });
  });
  it('not started in the name of who asked before', async () => {
    const before = { ...EVENT, askedBy: 'somebody', asks: { overCaps: true } };
    const { input } = await plan({ ...FAILED, status: 'SUCCEEDED', input: JSON.stringify(before) });
    expect(JSON.parse(JSON.stringify(input))).toEqual({ ...EVENT, askedBy: ADA });
  });
});

describe('what is replayed', () => {
  const line = (execution: string, mode: string) => ({ job: { execution, work: { mode } } }) as Line;
  const history = [line('fix', 'apply'), line('undo', 'rollback')];
  it('is the fix of what was rolled back, not the rollback', () => {
    expect(replayed(record({ ofStatus: 'ROLLED_BACK', lastExecution: 'undo' }), history)).toBe('fix');
  });
  it('is a rollback that failed', () => {
    expect(replayed(record({ lastExecution: 'undo' }), history)).toBe('undo');
  });
});
