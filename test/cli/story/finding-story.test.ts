import { describe, expect, it } from 'vitest';
import type { FindingReport } from '../../../cli/clients/finding-report.ts';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { findingStory } from '../../../cli/story/finding-story.ts';
import type { StoryOptions } from '../../../cli/story/story-layout.ts';
import type { FindingStatus } from '../../../functions/domain/ledger.ts';
import { LEDGER_NOW, ledgerItem } from '../../support/ledger-in-memory.ts';

const ITEM = ledgerItem('0f6e1a2b-0000-4000-8000-000000000001');
const CHECKS = [
  { check: 'excluded accounts', value: '333333333333', passed: true },
  { check: 'member of the organization', value: '333333333333', passed: true },
  { check: 'suppressions', value: 'none applies', passed: true },
  { check: 'policy', value: 'EC2.13 is auto', passed: true },
];
const ROLLBACK = { remediation: 'ec2/close-admin-ports', mode: 'rollback', policy: { mode: 'off' } };
const CALL = { call: 'EC2 RevokeSecurityGroupIngress', requestId: '1f2e3d4c-5b6a-7980-aaaa-bbbbccccdddd' };

function report(
  status: FindingStatus,
  more: { job?: object; record?: object; requests?: readonly object[]; unrecorded?: unknown } = {},
): FindingReport {
  const job = {
    route: 'remediate',
    reason: 'policy says auto for EC2.13',
    execution: ITEM.lastExecution,
    started: ITEM.lastStarted,
    checks: CHECKS,
    finding: {
      id: ITEM.findingId,
      productArn: 'p',
      control: 'EC2.13',
      title: 'Close SSH',
      account: '333333333333',
      region: 'us-east-1',
      ouPath: '/Production',
      resource: { Type: 'AwsEc2SecurityGroup', Id: ITEM.ofResource },
    },
    result: {
      kind: 'fixed',
      summary: 'removed tcp 22',
      version: 1,
      before: { rules: [{ port: 22 }, { port: 443 }] },
      after: { rules: [{ port: 443 }] },
      calls: [CALL],
    },
    ...more.job,
  };
  const execution = {
    ...{ execution: ITEM.lastExecution, sourceIdentity: `suture-${ITEM.trace}`, started: ITEM.lastStarted },
    ...{ outcome: status, job, reason: ITEM.reason, visits: [], failedCalls: [], requests: more.requests ?? [] },
    ...(more.unrecorded !== undefined && { outcome: undefined, unrecorded: more.unrecorded }),
    links: {
      execution: `https://us-east-1.console.aws.amazon.com/states/${'x'.repeat(200)}`,
      securityHub: 'https://s',
    },
  };
  const record = { ...ITEM, ofStatus: status, job, reopened: 0, blockedUntil: 0, attempts: 1, ...more.record };
  return { findingId: ITEM.findingId, record, executions: [execution] } as unknown as FindingReport;
}
const OPTIONS: StoryOptions = { now: LEDGER_NOW, accounts: new Map([['333333333333', 'shop-production']]), width: 100 };
const story = (status: FindingStatus, more = {}, options = {}) =>
  findingStory(report(status, more), { ...OPTIONS, ...options });

describe('after a rollback', () => {
  const refused = (because: string) => {
    const { executions, ...fixed } = report('FIXED');
    const [last] = report('REFUSED', { job: { work: ROLLBACK, result: { kind: 'refused', because } } }).executions;
    return findingStory({ ...fixed, executions: [...executions, { ...last!, reason: because }] }, OPTIONS);
  };
  it.each([
    ['somebody changed the journal: it differs from the locked copy of x: y', /stolen.*#journal-differs/],
    ["the request differs from the journal's newest change: y", /#at-three-in-the-morning/],
    ['the resource has changed since: it is a, not b', /owner see the difference.*rollback 0f6e1a2b --force/],
    ['the resource is gone', /restore by hand .*show 0f6e1a2b --all/],
  ])('that was refused because %s, it says so and what to do instead', (because, next) => {
    const text = refused(because).replaceAll(/\s+/g, ' ');
    expect(text).toContain(`and the fix stands: the last rollback was refused`);
    expect(text).toContain(because);
    expect(text).toMatch(next);
    expect(text).not.toContain('to undo it, ');
  });
  it.each([
    ['RollbackFailed', /runbook.md#rollback-failed; then .*replay 0f6e1a2b /],
    ['MemberRoleUnavailable', /to go on with the rollback, .*replay 0f6e1a2b /],
  ])('that failed with %s, it says that the rollback failed', (error, next) => {
    const text = story('FAILED', { job: { work: ROLLBACK }, record: { error, reason: 'denied' } }).replaceAll(
      /\s+/g,
      ' ',
    );
    expect(text).toMatch(/Its rollback failed .* ago with/);
    expect(text).toMatch(next);
    expect(text).not.toContain('or policy exempts it');
  });
});

describe('the story of a finding', () => {
  it('has causes of an error whose message has none, once', () => {
    const text = story('FAILED', { record: { error: 'StillFailing', reason: 'it still fails' } });
    expect(text.match(/Likely causes, in order:/g)).toHaveLength(1);
    expect(text).toContain('runbook.md#recurring-findings');
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/or policy exempts it, .* replay 0f6e1a2b --again --reason/);
  });
  it.each<[status: FindingStatus, more: object, begins: RegExp]>([
    [
      'FIXED',
      {},
      /^EC2\.13 {2}Close SSH\nFixed 1m ago: removed a rule\nNext: to undo it, .* rollback 0f6e1a2b --reason "…"\n/,
    ],
    [
      'FAILED',
      { record: { error: 'MemberAccessDenied', reason: 'no: denied\nmore' } },
      /\nFailed 1m ago with MemberAccessDenied: no: denied\n[\s\S]*\nNext: when the cause is gone, or policy exempts it,\s.* replay 0f6e1a2b --reason "…"\n/,
    ],
    [
      'OPEN',
      { unrecorded: { status: 'FAILED', outcome: 'Throttled', why: 'Rate exceeded.\nLikely causes:' } },
      /\nIts execution failed with Throttled: Rate exceeded\. The ledger does not have this yet, and shows the\nfinding as open\nNext: .*#failures-errors; (?:.*\n)+Execution 1 of 1: failed, and not recorded\n/,
    ],
    ['OPEN', {}, /\nIn progress for \d+\w+: .*\n\n/],
    [
      'OPEN',
      { unrecorded: 'not permitted' },
      /\nIn progress for 2m by the ledger: .*\n\n[\s\S]*: not ended in the ledger; Step Functions was not asked\n/,
    ],
    [
      'OPEN',
      { unrecorded: 'not permitted', record: { lastStarted: '2026-11-22T00:59:00.000Z' } },
      /\nIn progress for 11h by the ledger: .*\nNext: your role may not ask Step Functions whether it failed meanwhile; an operator may,\s.*show 0f6e1a2b --as operator\n/,
    ],
    [
      'WAITING',
      { job: { result: { kind: 'planned', awaits: 'approval', summary: 's', before: 1, after: 2 } } },
      new RegExp(`\nWaits for 1m for a person's approval: .*\nNext: .* approve ${ITEM.trace.slice(0, 8)}\n`),
    ],
    [
      'WAITING',
      { job: { result: { kind: 'deferred', because: 'b', until: '2026-11-22T13:07:00.000Z' } } },
      /\nWaits for 1m, and looks again at 2026-11-22T13:07:00\.000Z: /,
    ],
    [
      'WAITING',
      { job: { result: { kind: 'deferred', because: 'b', until: '2026-11-22T11:07:00.000Z' } } },
      /\nWaits for 1m: /,
    ],
    [
      'IGNORED',
      { record: { reason: 'policy says off for EC2.13' } },
      /\nLeft alone 1m ago: policy says off for EC2\.13\n\n/,
    ],
    [
      'ROLLED_BACK',
      { job: { askedBy: 'ada' }, requests: [{ action: 'rollback', by: 'ada', at: '2026-11-22', reason: 'the VPN' }] },
      /\nUndone 1m ago by ada because "the VPN"; .*\nNext: to fix it after all, .* --again --reason "…"\n/,
    ],
  ])('begins with what became of it and why: %s', (status, more, begins) => {
    expect(story(status, more)).toMatch(begins);
  });
  it('begins with the likely causes in order, and has them once', () => {
    const message = 'no: denied\nLikely causes, in order:\n1. The role does not exist.\nThen replay it.';
    const failed = report('FAILED', { record: { error: 'MemberRoleUnavailable', reason: message } });
    Object.assign(failed.executions[0]!, { failure: { error: 'MemberRoleUnavailable', message } });
    const lines = findingStory(failed, OPTIONS).split('\n');
    expect(lines.slice(1, 6)).toEqual([
      'Failed 1m ago with MemberRoleUnavailable: no: denied',
      'Likely causes, in order:',
      '1. The role does not exist.',
      'Then replay it.',
      expect.stringMatching(/^Next: /),
    ]);
    expect(lines.filter((line) => line.includes('The role does not exist'))).toHaveLength(1);
    expect(lines).toContain('  message       no: denied');
  });
  it('breaks lines between words, below each other', () => {
    const reason = 'this reason is so long that a terminal of eighty columns would break it within one of its words';
    const lines = findingStory(report('FIXED', { record: { reason } }), { ...OPTIONS, width: 80 }).split('\n');
    expect(lines.slice(1, 3).join(' ')).toBe(`Fixed 1m ago: ${reason}`);
    for (const line of lines.filter((each) => !/arn:|npm run/.test(each)))
      expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });
  describe('with several executions', () => {
    const [first, last] = [report('FIXED'), report('ROLLED_BACK', { job: { askedBy: 'ada', work: ROLLBACK } })];
    const visits = [{ state: 'Remediate', at: 'a', attempts: 1, errors: [], result: 'fixed' }];
    const planned = { ...first.executions[0]!, outcome: 'PLANNED', requests: [{ by: 'ada', reason: 'a look' }] };
    const fixed = { ...first.executions[0]!, visits, reason: `removed ${'a rule '.repeat(30)}` };
    const executions = [planned, fixed, { ...last.executions[0]!, visits }] as FindingReport['executions'];
    const whole = { ...last, executions };

    it('shows the latest in detail and the others in a line each, and says how to see them whole', () => {
      const lines = findingStory(whole, OPTIONS).split('\n');
      expect(lines.filter((line) => /^Execution \d of 3/.test(line))).toEqual(['Execution 3 of 3: rolled back']);
      expect(lines.slice(-4)).toEqual([
        'Earlier executions: 2',
        expect.stringMatching(/^ {2}2 {2}\d{4}-\S+ {2}fixed, removed a rule a rule .*…$/),
        expect.stringMatching(/^ {2}1 {2}\d{4}-\S+ {2}planned, asked by ada, removed a rule$/),
        '  whole: suture show 0f6e1a2b --all',
      ]);
    });
    it('shows in detail what handled the finding, not the duplicates of a replay of events after it', () => {
      const [failed] = report('FAILED').executions;
      const failure = { name: 'MemberAccessDenied', state: 'Remediate', message: 'denied\n  1. the role is old' };
      const duplicate = { ...failed!, outcome: 'DUPLICATE', reason: 'another handled this event' };
      const after = [planned, { ...failed!, failure }, duplicate] as unknown as FindingReport['executions'];
      const lines = findingStory({ ...report('FAILED'), executions: after }, OPTIONS).split('\n');
      expect(lines.filter((line) => /^Execution \d of 3/.test(line))).toEqual(['Execution 2 of 3: failed']);
      expect(lines.slice(0, 5).join('\n')).toContain('1. the role is old');
      expect(lines.slice(-4, -1)).toEqual([
        'Other executions: 2',
        expect.stringMatching(/^ {2}3 .*duplicate, another handled this event$/),
        expect.stringMatching(/^ {2}1 .*planned/),
      ]);
    });
    it('shows each in detail with --all', () => {
      const text = findingStory(whole, { ...OPTIONS, all: true });
      expect(text.match(/^Execution \d of 3/gm)).toHaveLength(3);
      expect(text).not.toContain('Earlier executions');
    });
    it('says of the states of a rollback that they undid the change', () => {
      const text = findingStory(whole, { ...OPTIONS, all: true });
      expect(text.match(/a {2}Remediate: \w+/g)).toEqual(['a  Remediate: fixed', 'a  Remediate: undone']);
    });
    it.each([80, 100, 200])('fits %i columns', (width) => {
      const lines = findingStory(whole, { ...OPTIONS, width, all: true }).split('\n');
      for (const line of lines.filter((each) => !each.includes('npm run')))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join(' ')).toContain(`finding       0f6e1a2b`);
    });
  });
  it('counts equal errors of a state', () => {
    const running = report('OPEN');
    const visit = { state: 'Remediate', at: 'a', attempts: 3, errors: ['ChangePending', 'ChangePending', 'Throttled'] };
    Object.assign(running.executions[0]!, { visits: [visit] });
    expect(findingStory(running, OPTIONS)).toContain('Remediate, 3 attempts: ChangePending 2 times, Throttled');
  });
  it('says since when an execution runs, however lately it tried again', () => {
    const record = { lastStarted: new Date(LEDGER_NOW - 600_000).toISOString(), changedAt: '2026-11-22T11:59:59Z' };
    expect(story('OPEN', { record })).toContain('In progress for 10m: ');
  });
  it('says who asked for an execution, who continued it, and why', () => {
    const requests = [
      { action: 'backfill', by: 'ada', at: '2026-11-21T01:00Z', reason: 'first look' },
      { action: 'replay', by: 'grace', at: '2026-11-22T01:00Z', reason: 'the role is there' },
    ];
    const job = { askedBy: 'ada', startOptions: { mode: 'plan' } };
    expect(story('PLANNED', { job, requests })).toContain(
      `  asked by      ada 2026-11-21T01:00Z (backfill, plan only): first look
                grace 2026-11-22T01:00Z (replay): the role is there
`,
    );
    expect(story('PLANNED', { job })).toContain('  asked by      ada, plan only\n');
  });
  it('counts the checks, and says what decided', () => {
    expect(story('FIXED')).toContain('checks        4 checks passed; the policy decided: EC2.13 is auto');
    const excluded = { check: 'excluded accounts', value: '666666666666', passed: false };
    const rejected = { job: { checks: [excluded], route: 'reject', reason: 'account 666666666666 is excluded' } };
    expect(story('REJECTED', rejected, { width: 200 })).toContain(
      '0 checks passed; this one did not, so triage chose reject: excluded accounts: account 666666666666 is excluded',
    );
  });
  it('names each check in words that cannot be misread', () => {
    const text = story('FIXED', {}, { checks: true });
    expect(text).toContain('passed  account 333333333333 is not excluded');
    expect(text).not.toMatch(/excluded accounts: 333333333333/);
    expect(text).toContain('passed  no suppression applies');
  });
  it('shows the change as a difference', () => {
    expect(story('FIXED')).toMatch(/"rules": \[\n *- +{ "port": 22 },\n/);
    expect(story('FIXED')).not.toMatch(/[+-] .*443/);
  });
  it('leaves out links that do not fit, and shortens ids of requests, unless they are wanted', () => {
    const text = story('FIXED');
    expect(text).toMatch(/links +securityHub: https:\/\/s\n +sourceIdentity: suture-\w+\n/);
    expect(text).not.toContain('https://us-east-1.console');
    expect(text).toMatch(/\n +execution, and ids that are cut above:\n +suture show 0f6e1a2b --links(\n|$)/);
    expect(text).toContain('EC2 RevokeSecurityGroupIngress  1f2e3d4c\n');
    expect(story('FIXED', {}, { width: Number.POSITIVE_INFINITY })).toContain('x'.repeat(200));
    const whole = story('FIXED', {}, { links: true });
    expect(whole).toContain('x'.repeat(200));
    expect(whole).toContain(CALL.requestId);
  });
  it('has the name of the account and the short name of the resource', () => {
    expect(story('FIXED')).toContain('333333333333 (shop-production) /Production');
    expect(story('FIXED')).toMatch(/resource +sg-0f6e1a2b {2}AwsEc2SecurityGroup\n +arn:aws:ec2:/);
  });
});

it('names the code that manages the resource, and what to set there', () => {
  const managedBy = { manager: 'cloudformation', name: 'CloudFormation stack web (Group)', change: 'Port: 443' };
  const result = {
    kind: 'notified',
    because: 'managed',
    summary: 'removed',
    version: 1,
    before: 22,
    after: 443,
    managedBy,
  };
  const text = story('NOTIFIED', { job: { result } });
  expect(text).toMatch(/managed by +CloudFormation stack web \(Group\): set Port: 443/);
  expect(text).toContain('Left to its owner');
  expect(text).toContain('would change');
});

it('the execution of a rollback says that policy did not decide it', () => {
  const text = story('ROLLED_BACK', { job: { work: ROLLBACK } });
  expect(text).toContain('ec2/close-admin-ports, rollback; a person asked for it, whatever policy says');
  expect(text).not.toContain('policy: off');
  const fix = { ...ROLLBACK, mode: 'apply', policy: { mode: 'auto' } };
  expect(story('FIXED', { job: { work: fix } })).toContain('ec2/close-admin-ports, apply; policy: auto');
});
