/** Faults by a seeded plan, each in its own words: nothing is lost, nothing is written twice, and after a replay all is well. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { isSutureCall } from '../../lab/soak/fault-plan.ts';
import { OUTAGE, seededFaults, throttled, transactionConflict } from '../../sandbox/kernel/faults.ts';
import type { Fault, FaultRule } from '../../sandbox/kernel/kernel.ts';
import { limitInstances } from '../../sandbox/runtime/pool.ts';
import { setUnprocessedRate } from '../../sandbox/services/securityhub/simulation.ts';
import { LEDGER_TABLE, stateMachineArn } from '../../stacks/names.ts';
import { groupIdOf } from '../support/look.ts';
import { atTheDesk } from '../support/operator.ts';
import { DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { POLICY } from '../support/policy.ts';

type Call = Parameters<FaultRule>[0];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const CLOSE_PORTS = 'ec2/close-admin-ports';
const REMEDIATION = 'suture-ec2-close-admin-ports';
const MEMBER = 'suture-member';
const BEFORE = { publicRules: [{ from: 22 }, { from: 443 }] };
const AFTER = { publicRules: [{ from: 443 }] };

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  limitInstances(suture.kernel, 48, 2);
});
afterAll(() => suture.sandbox.close());

const now = () => suture.kernel.clock.now();

/** By the role's name, without path. */
const isBy = ({ principal }: Call, role: string) => principal.kind === 'session' && principal.role.endsWith(`/${role}`);

/** The first `count` calls of this operation by this role meet the fault. */
function first(count: number, role: string, operation: string, fault: Fault): FaultRule {
  let left = count;
  return (call) => (call.operation === operation && isBy(call, role) && left-- > 0 ? fault : undefined);
}

/** The rule holds from the first call on, until so many milliseconds have passed. */
function during(milliseconds: number, rule: FaultRule): FaultRule {
  let until: number | undefined;
  return (call) => {
    until ??= now() + milliseconds;
    return now() < until ? rule(call) : undefined;
  };
}

async function several(count: number, account = SHOP): Promise<ControlFinding[]> {
  const made: ControlFinding[] = [];
  while (made.length < count) made.push(await suture.arrange('EC2.13', { account }));
  return made;
}

async function replayFailed(options: object = {}) {
  const { text } = await replayCommand(undefined, {
    ...atTheDesk(suture),
    failed: true,
    reason: 'it is over',
    ...options,
  });
  await suture.sandbox.settled();
  return JSON.parse(text);
}

const revokes = ({ Resources }: ControlFinding, granted: Map<string, number>) =>
  granted.get(groupIdOf(Resources[0]!)) ?? 0;

/** Has the faults in force while the findings arrive and everything ends; answers how each ended, and what was written. */
async function suffer(faults: readonly FaultRule[], findings: readonly ControlFinding[]) {
  const written = new Map<string, number>();
  const counting: FaultRule = ({ operation, input, principal }) => {
    if (operation === 'RevokeSecurityGroupIngress' && principal.kind === 'session')
      written.set(input.GroupId, (written.get(input.GroupId) ?? 0) + 1);
    return undefined;
  };
  // Whatever functions remember is outdated, so that they ask again.
  await suture.kernel.clock.advance(10 * MINUTE);
  suture.kernel.faults.push(counting);
  const traces = await suture.withFaults(faults, () => suture.deal(...findings));
  return { traces, written, outcomes: traces.map(({ outcome }) => outcome) };
}

/** In the account, the journal, the ledger and Security Hub: one change, whose undo is what was before. */
async function expectFixed(...findings: readonly ControlFinding[]) {
  for (const finding of findings) {
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
    expect(await suture.journal(CLOSE_PORTS, finding)).toMatchObject([
      { status: 'done', before: BEFORE, after: AFTER },
    ]);
    expect((await suture.history(finding.Id)).filter(({ outcome }) => outcome !== 'FAILED')).toMatchObject([
      { outcome: 'FIXED', job: { result: { before: BEFORE, after: AFTER } } },
    ]);
    expect(suture.securityHub(finding).status).toBe('NOTIFIED');
  }
}

async function expectUntouched(...findings: readonly ControlFinding[]) {
  for (const finding of findings) {
    expect(await suture.inbound(finding)).toEqual([HTTPS, SSH].sort());
    expect(suture.securityHub(finding).status).toBe('NEW');
  }
}

async function expectArchived(...findings: readonly ControlFinding[]) {
  for (const finding of findings) {
    expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
    expect((await suture.history(finding.Id)).map(({ outcome }) => outcome)).toEqual(['ARCHIVED']);
  }
}

/** Findings of one resource that are suppressed. */
async function suppressed(count: number): Promise<ControlFinding[]> {
  const resource = (await suture.arrange('EC2.13', { account: TRAINING })).Resources[0]!;
  return Array.from({ length: count }, () => suture.finding('EC2.13', resource, { account: TRAINING }));
}

describe('throttling', () => {
  it('of every service at once for ten minutes costs time alone', async () => {
    const open = await several(5);
    const archived = await suppressed(5);
    const services = new Set<string>();
    const storm = seededFaults(8, [{ share: 0.5, fault: throttled, only: isSutureCall }]);
    const noted: FaultRule = (call) => {
      const fault = storm(call);
      if (fault) services.add(call.service);
      return fault;
    };
    await suffer([during(10 * MINUTE, noted)], [...open, ...archived]);
    expect([...services].sort()).toEqual(
      expect.arrayContaining(['appconfigdata', 'dynamodb', 'ec2', 'lambda', 'securityhub', 'sqs', 'sts']),
    );
    await replayFailed();
    await expectFixed(...open);
    await expectArchived(...archived);
  });
  it('for hours fails executions by name, and a replay ends them right', async () => {
    const findings = await several(2);
    const { outcomes, traces } = await suffer([(call) => (isBy(call, MEMBER) ? throttled(call) : undefined)], findings);
    expect(outcomes).toEqual(['FAILED', 'FAILED']);
    expect(traces.map(({ execution }) => execution!.error!.name)).toEqual(['Throttled', 'Throttled']);
    await expectUntouched(...findings);
    await replayFailed({ error: 'Throttled' });
    await expectFixed(...findings);
  });
});

describe('a function', () => {
  it.each([
    ['triage', 'suture-triage', 'UpdateItem'],
    ['the proxy', 'suture-proxy', 'TransactWriteItems'],
    ['the remediation, its write made', MEMBER, 'RevokeSecurityGroupIngress'],
    ['report', 'suture-report', 'SendMessage'],
    ['the updates of findings', 'suture-finding-updates', 'BatchUpdateFindings'],
  ])('that runs into its time-out goes on to the same end: %s', async (_, role, operation) => {
    const [finding] = await several(1);
    const { outcomes } = await suffer([first(1, role, operation, { kind: 'late', seconds: 1200 })], [finding!]);
    expect(outcomes).toEqual(['FIXED']);
    await expectFixed(finding!);
  });
  it('that runs out of memory again and again goes on to the same end, and writes once', async () => {
    const [finding] = await several(1);
    const dying = [
      first(2, REMEDIATION, 'AssumeRole', { kind: 'killBefore' }),
      first(1, MEMBER, 'RevokeSecurityGroupIngress', { kind: 'killAfter' }),
      first(1, REMEDIATION, 'UpdateItem', { kind: 'killBefore' }),
    ];
    const { outcomes, written } = await suffer(dying, [finding!]);
    expect([outcomes, revokes(finding!, written)]).toEqual([['FIXED'], 1]);
    await expectFixed(finding!);
  });
});

describe('AssumeRole that is denied in one account', () => {
  it('fails the findings of that account alone, and a replay ends them right', async () => {
    const shop = await several(2);
    const data = await several(2, DATA);
    const denied: FaultRule = ({ operation, input }) =>
      operation === 'AssumeRole' && input.RoleArn.includes(SHOP)
        ? { kind: 'error', code: 'AccessDenied', status: 403, message: 'is not authorized to perform: sts:AssumeRole' }
        : undefined;
    const { outcomes } = await suffer([denied], [...shop, ...data]);
    expect(outcomes).toEqual(['FAILED', 'FAILED', 'FIXED', 'FIXED']);
    await expectUntouched(...shop);
    await expectFixed(...data);
    await replayFailed({ account: SHOP });
    await expectFixed(...shop);
  });
});

describe('the ledger', () => {
  it('whose items are parts of other transactions a third of the time is asked again', async () => {
    const findings = await several(6);
    const conflicts = seededFaults(5, [{ share: 0.33, fault: transactionConflict, only: isSutureCall }]);
    const { outcomes, written } = await suffer([conflicts], findings);
    expect(outcomes).toEqual(Array(6).fill('FIXED'));
    expect(findings.map((finding) => revokes(finding, written))).toEqual(Array(6).fill(1));
    await expectFixed(...findings);
  });
  it('that is out for four hours stops every write, and a replay ends all that failed', async () => {
    const findings = await several(3);
    const archived = await suppressed(3);
    const out: FaultRule = (call) => (call.service === 'dynamodb' && isSutureCall(call) ? OUTAGE : undefined);
    const { written } = await suffer([during(4 * HOUR, out)], [...findings, ...archived]);
    expect(findings.map((finding) => revokes(finding, written))).toEqual([0, 0, 0]);
    await expectUntouched(...findings);
    // What could not be recorded is found by the reconciler.
    await suture.kernel.clock.advance(6 * HOUR);
    await suture.sandbox.settled();
    await replayFailed();
    await expectFixed(...findings);
    for (const finding of archived) expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
  });
});

describe('AppConfig that cannot be read', () => {
  it('for a quarter of an hour lets nothing be written, and then everything', async () => {
    const findings = await several(3);
    const unreadable: FaultRule = (call) =>
      call.service === 'appconfigdata' && isSutureCall(call) ? OUTAGE : undefined;
    const { outcomes } = await suffer([during(15 * MINUTE, unreadable)], findings);
    expect(outcomes).toEqual(Array(3).fill('FIXED'));
    const writes = suture.kernel.calls.filter(({ operation }) => operation === 'RevokeSecurityGroupIngress').slice(-3);
    const arrivedAt = Date.parse((await suture.history(findings[0]!.Id))[0]!.job.started);
    expect(Math.min(...writes.map(({ at }) => at)) - arrivedAt).toBeGreaterThanOrEqual(15 * MINUTE - 1000);
    await expectFixed(...findings);
  });
});

describe('Security Hub that answers 200 and leaves half undone', () => {
  it('gets that half again', async () => {
    const findings = await several(2);
    const archived = await suppressed(12);
    setUnprocessedRate(suture.kernel, 0.5);
    await suffer([], [...findings, ...archived]);
    setUnprocessedRate(suture.kernel, 0);
    await expectFixed(...findings);
    await expectArchived(...archived);
  });
});

describe('a rule that may not start the workflow', () => {
  it('keeps its events in the dead-letter queue, and redriving it ends them right', async () => {
    const findings = await several(2);
    const denied: FaultRule = ({ operation }) =>
      operation === 'StartExecution' ? { kind: 'error', code: 'AccessDeniedException', status: 400 } : undefined;
    await suffer([denied], findings);
    await expectUntouched(...findings);
    await dlqRedriveCommand('suture-finding-events-dlq', { ...atTheDesk(suture), reason: 'the role is back' });
    await suture.sandbox.settled();
    await expectFixed(...findings);
  });
});

describe('a queue that fails three times of four', () => {
  it.each([
    ['with what it gave', 'ReceiveMessage', 'cutAfter'],
    ['to forget what is done', 'DeleteMessageBatch', 'cutBefore'],
  ] as const)('%s loses no update, and each is recorded once', async (_, operation, kind) => {
    const archived = await suppressed(60);
    const handled = new Map<string, number>();
    let calls = 0;
    const failing: FaultRule = ({ instance, operation: made, input }) => {
      if (made === 'BatchUpdateFindings')
        for (const { Id } of input.FindingIdentifiers) handled.set(Id, (handled.get(Id) ?? 0) + 1);
      return instance && made === operation && ++calls % 4 > 0 ? { kind } : undefined;
    };
    await suffer([failing], archived);
    await expectArchived(...archived);
    // What was not forgotten came again, beyond what the client tries by itself.
    expect(Math.max(...handled.values()) > 1).toBe(operation === 'DeleteMessageBatch');
  });
});

describe('in a batch of updates', () => {
  it('a message that is none holds no other up', async () => {
    const { sandbox, context } = suture;
    const QueueUrl = `${sandbox.endpoint}/${context.securityAccount}/suture-finding-updates`;
    const archived = await suppressed(10);
    await new SQSClient(sandbox.administrator(context.securityAccount)).send(
      new SendMessageCommand({ QueueUrl, MessageBody: '{"kind":"archive"' }),
    );
    await suffer([], archived);
    await expectArchived(...archived);
  });
  it('a finding for which Security Hub refuses the whole call fails alone, with the reason', async () => {
    const [poisoned, ...archived] = await suppressed(10);
    const refusing: FaultRule = ({ operation, input }) =>
      operation === 'BatchUpdateFindings' &&
      input.FindingIdentifiers.some(({ Id }: { Id: string }) => Id === poisoned!.Id)
        ? { kind: 'error', code: 'InvalidInputException', status: 400, message: 'Invalid finding identifier' }
        : undefined;
    const { outcomes, traces } = await suffer([refusing], [poisoned!, ...archived]);
    expect(outcomes).toEqual(['FAILED', ...Array(9).fill('ARCHIVED')]);
    expect(traces[0]!.reason).toBe('FindingUpdateRefused: InvalidInputException: Invalid finding identifier');
    await expectArchived(...archived);
    await replayFailed({ error: 'FindingUpdateRefused' });
    expect(suture.securityHub(poisoned!).status).toBe('SUPPRESSED');
  });
});

describe('a lease', () => {
  const hold = (finding: ControlFinding, until: number) =>
    new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount)).send(
      new PutItemCommand({
        TableName: LEDGER_TABLE,
        Item: {
          pk: { S: `lease#${SHOP}#us-east-1#AwsEc2SecurityGroup#${groupIdOf(finding.Resources[0]!)}` },
          sk: { S: 'lease' },
          execution: { S: 'arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:dead' },
          until: { N: String(until) },
        },
      }),
    );
  it('stays where the connection to the remediation broke, until its own next attempt is over', async () => {
    const [finding] = await several(1);
    const given = () =>
      suture.kernel.calls.filter(
        ({ operation, role }) => operation === 'DeleteItem' && role?.endsWith('/suture-proxy'),
      );
    const before = given().length;
    const { outcomes } = await suffer([first(3, 'suture-proxy', 'Invoke', { kind: 'cutAfter' })], [finding!]);
    expect(outcomes).toEqual(['FIXED']);
    expect(given().length - before).toBe(1);
    await expectFixed(finding!);
  });
  it('whose owner died is taken over when it has run out, not before', async () => {
    const [finding] = await several(1);
    await suture.kernel.clock.advance(10 * MINUTE);
    const until = now() + 17 * MINUTE;
    await hold(finding!, until);
    const { outcomes } = await suffer([], [finding!]);
    expect(outcomes).toEqual(['FIXED']);
    const write = suture.kernel.calls.findLast(({ operation }) => operation === 'RevokeSecurityGroupIngress');
    expect(write!.at).toBeGreaterThan(until);
    await expectFixed(finding!);
  });
});

describe('clocks that disagree', () => {
  it('make AWS refuse signatures once, and no finding is lost', async () => {
    const findings = await several(2);
    const skewed: Fault = {
      kind: 'error',
      code: 'RequestTimeTooSkewed',
      status: 403,
      message: 'The difference is too large.',
    };
    const faults = [
      first(1, 'suture-triage', 'UpdateItem', skewed),
      first(1, MEMBER, 'DescribeSecurityGroupRules', skewed),
    ];
    expect((await suffer(faults, findings)).outcomes).toEqual(['FIXED', 'FIXED']);
    await expectFixed(...findings);
  });
  it.each([
    ['a day ahead', 24 * HOUR],
    ['a day behind', -24 * HOUR],
  ])('between sender and us, %s, change nothing', async (_, skew) => {
    const [made] = await several(1);
    const at = new Date(now() + skew).toISOString();
    const finding = { ...made!, UpdatedAt: at, CreatedAt: at, LastObservedAt: at, FirstObservedAt: at };
    expect((await suffer([], [finding, finding])).outcomes.sort()).toEqual(['FIXED', null]);
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
  });
});

describe('while executions are under way', () => {
  /** EC2 throttles until the change is made, so that all wait in Remediate for their next attempt. */
  async function whileThrottled(findings: readonly ControlFinding[], change: () => Promise<unknown>) {
    let changed: Promise<unknown> | undefined;
    const waiting = new Set<string>();
    let over = false;
    const rule: FaultRule = (call) => {
      if (over || !isBy(call, MEMBER)) return undefined;
      waiting.add((call.principal as { sourceIdentity?: string }).sourceIdentity!);
      if (waiting.size === findings.length)
        changed ??= change().finally(() => {
          over = true;
        });
      return throttled(call);
    };
    const suffered = await suffer([rule], findings);
    await changed;
    return suffered;
  }

  it('a policy that changes holds for those at their next attempt, and for all after a replay', async () => {
    const findings = await several(6);
    const off = { ...POLICY, controls: { ...POLICY.controls, 'EC2.13': 'off' } };
    const { outcomes, written, traces } = await whileThrottled(findings, () => suture.setPolicy(off));
    expect(outcomes).toEqual(Array(6).fill('FAILED'));
    expect([...new Set(traces.map(({ execution }) => execution!.error!.name))]).toEqual(['Stopped']);
    expect(written.size).toBe(0);
    await expectUntouched(...findings);
    await suture.setPolicy(POLICY);
    await replayFailed({ error: 'Stopped' });
    await expectFixed(...findings);
  });
  it('a definition that is deployed does not touch them, and new ones run by it', async () => {
    const findings = await several(3);
    const states = new SFNClient(suture.sandbox.administrator(suture.context.securityAccount));
    const machine = { stateMachineArn: stateMachineArn(suture.context) };
    const { definition } = await states.send(new DescribeStateMachineCommand(machine));
    const deployed = JSON.parse(definition!);
    deployed.States.Outcome2 = { ...deployed.States.Outcome };
    deployed.States.Remediate.Next = 'Outcome2';
    const update = (text: string) => states.send(new UpdateStateMachineCommand({ ...machine, definition: text }));
    const { traces } = await whileThrottled(findings, () => update(JSON.stringify(deployed)));
    for (const { execution } of traces) expect(execution!.path).not.toContain('Outcome2');
    await expectFixed(...findings);

    const [later] = await several(1);
    const { traces: after } = await suffer([], [later!]);
    await update(definition!);
    expect(after[0]!.execution!.path).toContain('Outcome2');
    await expectFixed(later!);
  });
});
