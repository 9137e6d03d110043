import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { executionResultLines } from '../../../cli/output/execution-results.ts';
import { type PlannedStep, stepTable } from '../../../cli/output/step-table.ts';
import { reasonLines } from '../../../cli/replays/replay-text.ts';
import type { RollbackStep } from '../../../cli/rollbacks/rollback-step.ts';
import { rollbackPlanText } from '../../../cli/rollbacks/rollback-text.ts';
import { ledgerItem } from '../../support/ledger-in-memory.ts';

const step = (digits: string, more: Partial<PlannedStep> = {}): PlannedStep => ({
  findingId: ledgerItem(digits).findingId,
  control: 'EC2.13',
  account: '333333333333',
  resource: `arn:aws:s3:::${'a-very-long-bucket-name'.repeat(3)}-end`,
  ...more,
});
const STEPS = [step('0f6e1a2b-0000'), step('1f6e1a2b-0000', { account: '444444444444', resource: undefined })];
const ACCOUNTS = new Map([['333333333333', `shop-production${'-long'.repeat(20)}`]]);

describe('the table of a plan', () => {
  const text = (width: number) =>
    stepTable(STEPS, {
      ...{ accounts: ACCOUNTS, width, isTerminal: true },
      first: { what: () => 'continue', error: () => 'MemberRoleUnavailable' },
      last: { why: () => 'continues in\nthe state that failed' },
      line: ({ findingId }) => [findingId],
    });
  it.each([80, 100, 120, 200])('fits %i columns, one line each', (width) => {
    const lines = text(width).split('\n');
    expect(lines).toHaveLength(1 + STEPS.length);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(/^0f6e1a2b +continue +MemberRoleUnavailable +EC2\.13 +shop-produ/);
    expect(lines[2]).toMatch(/^1f6e1a2b +continue +MemberRoleUnavailable +EC2\.13 +444444444444 /);
  });
  it('is tab-separated and whole off a terminal', () => {
    const [one, other] = STEPS;
    const lines = stepTable(STEPS, {
      accounts: ACCOUNTS,
      isTerminal: false,
      last: {},
      line: ({ findingId }) => [findingId],
    });
    expect(lines).toBe(`${one!.findingId}\n${other!.findingId}`);
  });
});

describe('the plan of a rollback', () => {
  const change: RollbackStep = {
    ...step('0f6e1a2b-0000'),
    ...{ execution: 'e', started: 's', target: 't', at: 'a', summary: 'removed tcp 22' },
    ...{ from: { rules: [443] }, to: { rules: [22, 443] } },
  };
  it('shows each change as a difference below the table', () => {
    const lines = rollbackPlanText([change], ACCOUNTS, { isTerminal: true, width: 80 }).split('\n');
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    expect(lines).toContain('0f6e1a2b becomes again:');
    expect(lines.find((line) => line.includes('22,'))).toMatch(/^ {2}\+ +22,$/);
  });
  it('says nothing about a change that the ledger does not have', () => {
    const failed = { ...change, from: undefined, to: undefined, summary: 'failed' };
    expect(rollbackPlanText([failed], ACCOUNTS, { isTerminal: true, width: 80 })).not.toContain('becomes again');
    expect(rollbackPlanText([failed], ACCOUNTS, { isTerminal: false })).toMatch(/\tfailed$/);
  });
  it('has no differences of many changes, which show has', () => {
    expect(
      rollbackPlanText(
        Array.from({ length: 6 }, () => change),
        ACCOUNTS,
        { isTerminal: true, width: 80 },
      ),
    ).not.toContain('becomes again');
  });
});

it('an outcome is a word, and an error keeps its name', () => {
  const result = { execution: 'arn', status: 'SUCCEEDED', outcome: 'ROLLED_BACK', why: '' };
  expect(executionResultLines([result, result])).toEqual(['2 rolled back']);
});

it('an error of an execution is one line, without its likely causes, and names the execution by its short name', () => {
  const why = 'AccessDenied: no role\nLikely causes:\n1. The role does not exist';
  const lines = executionResultLines([
    {
      execution: `arn:aws:states:us-east-1:111111111111:execution:suture-findings:1a2b`,
      status: 'FAILED',
      outcome: 'MemberRoleUnavailable',
      why,
    },
  ]);
  expect(lines).toEqual([
    '1 MemberRoleUnavailable',
    'MemberRoleUnavailable: AccessDenied: no role\n  suture show suture-4b553f9e',
  ]);
});

it('a replay says whole why it leaves findings, once for each reason', () => {
  const leave = (findingId: string, why: string) => ({ findingId, why, how: 'leave' as const });
  const plan = [leave('p/0f6e1a2b-1', 'it runs'), leave('p/77aa0000-2', 'it waits'), leave('p/88aa0000-3', 'it waits')];
  expect(reasonLines(plan)).toEqual(['', 'Left: 0f6e1a2b: it runs', 'Left: 2 findings: it waits']);
  expect(reasonLines([{ findingId: 'p/0f6e1a2b', why: 'continues in Report', how: 'redrive' }])).toEqual([
    '',
    'Would continue: 0f6e1a2b: continues in Report',
  ]);
});
