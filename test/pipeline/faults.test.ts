/**
 * Each test injects one kind of fault: no finding is lost, no change is made twice, and a replay finishes what failed.
 */
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
import { stateMachineArn } from '../../stacks/names.ts';
import { isBy } from '../support/faults.ts';
import { groupIdOf } from '../support/inspection.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

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

function firstCalls(count: number, role: string, operation: string, fault: Fault): FaultRule {
  let left = count;
  return (call) => (call.operation === operation && isBy(call, role) && left-- > 0 ? fault : undefined);
}

function during(durationMs: number, rule: FaultRule): FaultRule {
  let until: number | undefined;
  return (call) => {
    until ??= now() + durationMs;
    return now() < until ? rule(call) : undefined;
  };
}

async function openPorts(count: number, account = SHOP): Promise<ControlFinding[]> {
  const findings: ControlFinding[] = [];
  while (findings.length < count) findings.push(await suture.arrange('EC2.13', { account }));
  return findings;
}

async function replayFailed(options: object = {}) {
  const { text } = await replayCommand(undefined, {
    ...testOperator(suture),
    failed: true,
    reason: 'it is over',
    ...options,
  });
  await suture.sandbox.settled();
  return JSON.parse(text);
}

const revokes = ({ Resources }: ControlFinding, writes: Map<string, number>) =>
  writes.get(groupIdOf(Resources[0]!)) ?? 0;

async function processUnder(faults: readonly FaultRule[], findings: readonly ControlFinding[]) {
  const writes = new Map<string, number>();
  const counting: FaultRule = ({ operation, input, principal }) => {
    if (operation === 'RevokeSecurityGroupIngress' && principal.kind === 'session')
      writes.set(input.GroupId, (writes.get(input.GroupId) ?? 0) + 1);
    return undefined;
  };
  // Expires the functions' caches, so that they call again.
  await suture.kernel.clock.advance(10 * MINUTE);
  suture.kernel.faults.push(counting);
  const traces = await suture.withFaults(faults, () => suture.process(...findings));
  return { traces, writes, outcomes: traces.map(({ outcome }) => outcome) };
}

/** Expects one change, with its undo, in the account, the journal, the ledger and Security Hub. */
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
    expect(await suture.outcomes(finding)).toEqual(['ARCHIVED']);
  }
}

async function suppressedFindings(count: number): Promise<ControlFinding[]> {
  const resource = (await suture.arrange('EC2.13', { account: TRAINING })).Resources[0]!;
  return Array.from({ length: count }, () => suture.finding('EC2.13', resource, { account: TRAINING }));
}

describe('throttling', () => {
  it('of every service at once for ten minutes only delays findings', async () => {
    const open = await openPorts(5);
    const archived = await suppressedFindings(5);
    const services = new Set<string>();
    const storm = seededFaults(8, [{ share: 0.5, fault: throttled, only: isSutureCall }]);
    // The storm's choices depend on the order of the calls, so each service's first call is always throttled.
    const recording: FaultRule = (call) => {
      const isFirst = isSutureCall(call) && !services.has(call.service);
      const fault = isFirst ? throttled(call) : storm(call);
      if (fault) services.add(call.service);
      return fault;
    };
    await processUnder([during(10 * MINUTE, recording)], [...open, ...archived]);
    expect([...services].sort()).toEqual(
      expect.arrayContaining(['appconfigdata', 'dynamodb', 'ec2', 'lambda', 'securityhub', 'sqs', 'sts']),
    );
    await replayFailed();
    await expectFixed(...open);
    await expectArchived(...archived);
  });
  it('that lasts for hours fails executions with Throttled, and a replay fixes them', async () => {
    const findings = await openPorts(2);
    const { outcomes, traces } = await processUnder(
      [(call) => (isBy(call, MEMBER) ? throttled(call) : undefined)],
      findings,
    );
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
    ['the remediation, after its write', MEMBER, 'RevokeSecurityGroupIngress'],
    ['report', 'suture-report', 'SendMessage'],
    ['finding-updates', 'suture-finding-updates', 'BatchUpdateFindings'],
  ])('that times out still leads to one fix: %s', async (_, role, operation) => {
    const [finding] = await openPorts(1);
    const { outcomes } = await processUnder(
      [firstCalls(1, role, operation, { kind: 'late', seconds: 1200 })],
      [finding!],
    );
    expect(outcomes).toEqual(['FIXED']);
    await expectFixed(finding!);
  });
  it('that runs out of memory repeatedly still leads to one fix', async () => {
    const [finding] = await openPorts(1);
    const dying = [
      firstCalls(2, REMEDIATION, 'AssumeRole', { kind: 'killBefore' }),
      firstCalls(1, MEMBER, 'RevokeSecurityGroupIngress', { kind: 'killAfter' }),
      firstCalls(1, REMEDIATION, 'UpdateItem', { kind: 'killBefore' }),
    ];
    const { outcomes, writes } = await processUnder(dying, [finding!]);
    expect([outcomes, revokes(finding!, writes)]).toEqual([['FIXED'], 1]);
    await expectFixed(finding!);
  });
});

describe('a denied AssumeRole in one account', () => {
  it('fails only the findings of that account, and a replay fixes them', async () => {
    const shop = await openPorts(2);
    const data = await openPorts(2, DATA);
    const denied: FaultRule = ({ operation, input }) =>
      operation === 'AssumeRole' && input.RoleArn.includes(SHOP)
        ? { kind: 'error', code: 'AccessDenied', status: 403, message: 'is not authorized to perform: sts:AssumeRole' }
        : undefined;
    const { outcomes } = await processUnder([denied], [...shop, ...data]);
    expect(outcomes).toEqual(['FAILED', 'FAILED', 'FIXED', 'FIXED']);
    await expectUntouched(...shop);
    await expectFixed(...data);
    await replayFailed({ account: SHOP });
    await expectFixed(...shop);
  });
});

describe('the ledger', () => {
  it('is called again after conflicts of a third of its transactions', async () => {
    const findings = await openPorts(6);
    const conflicts = seededFaults(5, [{ share: 0.33, fault: transactionConflict, only: isSutureCall }]);
    const { outcomes, writes } = await processUnder([conflicts], findings);
    expect(outcomes).toEqual(Array(6).fill('FIXED'));
    expect(findings.map((finding) => revokes(finding, writes))).toEqual(Array(6).fill(1));
    await expectFixed(...findings);
  });
  it('stops every write during an outage of four hours, and a replay fixes what failed', async () => {
    const findings = await openPorts(3);
    const archived = await suppressedFindings(3);
    const outage: FaultRule = (call) => (call.service === 'dynamodb' && isSutureCall(call) ? OUTAGE : undefined);
    const { writes } = await processUnder([during(4 * HOUR, outage)], [...findings, ...archived]);
    expect(findings.map((finding) => revokes(finding, writes))).toEqual([0, 0, 0]);
    await expectUntouched(...findings);
    // The search for orphaned executions finds what could not be recorded.
    await suture.kernel.clock.advance(6 * HOUR);
    await suture.sandbox.settled();
    await replayFailed();
    await expectFixed(...findings);
    for (const finding of archived) expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
  });
});

describe('an outage of AppConfig', () => {
  it('of 15 minutes delays every write until its end', async () => {
    const findings = await openPorts(3);
    const unreadable: FaultRule = (call) =>
      call.service === 'appconfigdata' && isSutureCall(call) ? OUTAGE : undefined;
    const { outcomes } = await processUnder([during(15 * MINUTE, unreadable)], findings);
    expect(outcomes).toEqual(Array(3).fill('FIXED'));
    const writes = suture.kernel.calls.filter(({ operation }) => operation === 'RevokeSecurityGroupIngress').slice(-3);
    const arrivedAt = Date.parse((await suture.history(findings[0]!.Id))[0]!.job.started);
    expect(Math.min(...writes.map(({ at }) => at)) - arrivedAt).toBeGreaterThanOrEqual(15 * MINUTE - 1000);
    await expectFixed(...findings);
  });
});

describe('Security Hub', () => {
  it('gets the unprocessed half of each batch again', async () => {
    const findings = await openPorts(2);
    const archived = await suppressedFindings(12);
    setUnprocessedRate(suture.kernel, 0.5);
    await processUnder([], [...findings, ...archived]);
    setUnprocessedRate(suture.kernel, 0);
    await expectFixed(...findings);
    await expectArchived(...archived);
  });
});

describe('a rule that may not start the workflow', () => {
  it('sends its events to the dead-letter queue, whose redrive fixes their findings', async () => {
    const findings = await openPorts(2);
    const denied: FaultRule = ({ operation }) =>
      operation === 'StartExecution' ? { kind: 'error', code: 'AccessDeniedException', status: 400 } : undefined;
    await processUnder([denied], findings);
    await expectUntouched(...findings);
    await dlqRedriveCommand('suture-finding-events-dlq', { ...testOperator(suture), reason: 'the role is back' });
    await suture.sandbox.settled();
    await expectFixed(...findings);
  });
});

describe('a queue that fails three of four calls', () => {
  it.each([
    ['to receive', 'ReceiveMessage', 'dropAfter'],
    ['to delete', 'DeleteMessageBatch', 'dropBefore'],
  ] as const)('%s loses no update, and each update is recorded once', async (_, operation, kind) => {
    const archived = await suppressedFindings(60);
    const handled = new Map<string, number>();
    let calls = 0;
    const failing: FaultRule = ({ instance, operation: called, input }) => {
      if (called === 'BatchUpdateFindings')
        for (const { Id } of input.FindingIdentifiers) handled.set(Id, (handled.get(Id) ?? 0) + 1);
      return instance && called === operation && ++calls % 4 > 0 ? { kind } : undefined;
    };
    await processUnder([failing], archived);
    await expectArchived(...archived);
    // Messages that were not deleted are received again after the client's own retries.
    expect(Math.max(...handled.values()) > 1).toBe(operation === 'DeleteMessageBatch');
  });
});

describe('a batch of updates', () => {
  it('is processed despite an invalid message in it', async () => {
    const { sandbox, context } = suture;
    const QueueUrl = `${sandbox.endpoint}/${context.securityAccount}/suture-finding-updates`;
    const archived = await suppressedFindings(10);
    await new SQSClient(suture.asWorkflow()).send(
      new SendMessageCommand({ QueueUrl, MessageBody: '{"kind":"archive"' }),
    );
    await processUnder([], archived);
    await expectArchived(...archived);
  });
  it('fails only the finding for which Security Hub refuses the whole call, with the reason', async () => {
    const [poisoned, ...archived] = await suppressedFindings(10);
    const refusing: FaultRule = ({ operation, input }) =>
      operation === 'BatchUpdateFindings' &&
      input.FindingIdentifiers.some(({ Id }: { Id: string }) => Id === poisoned!.Id)
        ? { kind: 'error', code: 'InvalidInputException', status: 400, message: 'Invalid finding identifier' }
        : undefined;
    const { outcomes, traces } = await processUnder([refusing], [poisoned!, ...archived]);
    expect(outcomes).toEqual(['FAILED', ...Array(9).fill('ARCHIVED')]);
    expect(traces[0]!.reason).toBe('FindingUpdateRefused: InvalidInputException: Invalid finding identifier');
    await expectArchived(...archived);
    await replayFailed({ error: 'FindingUpdateRefused' });
    expect(suture.securityHub(poisoned!).status).toBe('SUPPRESSED');
  });
});

describe('a lease', () => {
  const putLease = (finding: ControlFinding, until: number) =>
    new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount)).send(
      new PutItemCommand({
        TableName: LEDGER_TABLE,
        Item: {
          pk: { S: `lease#${SHOP}#us-east-1#${finding.Resources[0]!.Id}` },
          sk: { S: 'lease' },
          execution: { S: 'arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:dead' },
          until: { N: String(until) },
        },
      }),
    );
  it('is kept after the connection to the remediation broke, until the next attempt ends', async () => {
    const [finding] = await openPorts(1);
    const releases = () =>
      suture.kernel.calls.filter(
        ({ operation, role }) => operation === 'DeleteItem' && role?.endsWith('/suture-proxy'),
      );
    const before = releases().length;
    const { outcomes } = await processUnder(
      [firstCalls(3, 'suture-invoker', 'Invoke', { kind: 'dropAfter' })],
      [finding!],
    );
    expect(outcomes).toEqual(['FIXED']);
    expect(releases().length - before).toBe(1);
    await expectFixed(finding!);
  });
  it('of a dead owner is taken over after it expired, not before', async () => {
    const [finding] = await openPorts(1);
    await suture.kernel.clock.advance(10 * MINUTE);
    const until = now() + 17 * MINUTE;
    await putLease(finding!, until);
    const { outcomes } = await processUnder([], [finding!]);
    expect(outcomes).toEqual(['FIXED']);
    const write = suture.kernel.calls.findLast(({ operation }) => operation === 'RevokeSecurityGroupIngress');
    expect(write!.at).toBeGreaterThan(until);
    await expectFixed(finding!);
  });
});

describe('clock skew', () => {
  it('makes AWS refuse a signature once, and loses no finding', async () => {
    const findings = await openPorts(2);
    const skewed: Fault = {
      kind: 'error',
      code: 'RequestTimeTooSkewed',
      status: 403,
      message: 'The difference is too large.',
    };
    const faults = [
      firstCalls(1, 'suture-triage', 'UpdateItem', skewed),
      firstCalls(1, MEMBER, 'DescribeSecurityGroupRules', skewed),
    ];
    expect((await processUnder(faults, findings)).outcomes).toEqual(['FIXED', 'FIXED']);
    await expectFixed(...findings);
  });
  it.each([
    ['a day ahead', 24 * HOUR],
    ['a day behind', -24 * HOUR],
  ])('of the sender, %s, changes no outcome', async (_, skew) => {
    const [original] = await openPorts(1);
    const at = new Date(now() + skew).toISOString();
    const finding = { ...original!, UpdatedAt: at, CreatedAt: at, LastObservedAt: at, FirstObservedAt: at };
    expect((await processUnder([], [finding, finding])).outcomes.sort()).toEqual(['FIXED', null]);
    expect(await suture.inbound(finding)).toEqual([HTTPS]);
  });
});

describe('during running executions', () => {
  /** EC2 throttles meanwhile, so that every execution waits in Remediate for its next attempt. */
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
    const processed = await processUnder([rule], findings);
    await changed;
    return processed;
  }

  it('a new policy applies at their next attempt, and a replay fixes what it stopped', async () => {
    const findings = await openPorts(6);
    const off = { ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.13': 'off' } };
    const { outcomes, writes, traces } = await whileThrottled(findings, () => suture.setPolicy(off));
    expect(outcomes).toEqual(Array(6).fill('FAILED'));
    expect([...new Set(traces.map(({ execution }) => execution!.error!.name))]).toEqual(['Stopped']);
    expect(writes.size).toBe(0);
    await expectUntouched(...findings);
    await suture.setPolicy(TEST_POLICY);
    await replayFailed({ error: 'Stopped' });
    await expectFixed(...findings);
  });
  it('a new definition does not affect them, and new executions use it', async () => {
    const findings = await openPorts(3);
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

    const [laterFinding] = await openPorts(1);
    const { traces: after } = await processUnder([], [laterFinding!]);
    await update(definition!);
    expect(after[0]!.execution!.path).toContain('Outcome2');
    await expectFixed(laterFinding!);
  });
});
