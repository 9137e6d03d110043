/**
 * Suture loses no finding and no undo when functions are killed, calls throttled, connections broken, or responses
 * partial or late.
 */
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { Fault, FaultRule } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { setUnprocessedRate } from '../../sandbox/services/securityhub/simulation.ts';
import { isBy } from '../support/faults.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, REMEDIATION_PATH, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const HOUR = 3_600_000;
const CLOSE_PORTS = 'ec2/close-admin-ports';
const BEFORE = { publicRules: [{ from: 22 }, { from: 443 }] };
const AFTER = { publicRules: [{ from: 443 }] };

const THROTTLED: Fault = {
  kind: 'error',
  code: 'RequestLimitExceeded',
  status: 503,
  message: 'Request limit exceeded.',
};

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline({ staleReads: true });
  await suture.pauseSchedules();
});
afterAll(() => suture.sandbox.close());

/** Only the n-th call of this operation by this role gets the fault. */
function faultAt(role: string, operation: string, fault: Fault, nth = 1): FaultRule {
  let calls = 0;
  return (call) => (call.operation === operation && isBy(call, role) && ++calls === nth ? fault : undefined);
}

async function expectFixed(finding: ControlFinding) {
  expect(await suture.inbound(finding)).toEqual([HTTPS]);
  expect(await suture.journal(CLOSE_PORTS, finding)).toMatchObject([{ status: 'done', before: BEFORE, after: AFTER }]);
  expect((await suture.history(finding.Id)).filter(({ outcome }) => outcome !== 'FAILED')).toMatchObject([
    { outcome: 'FIXED', job: { result: { kind: 'fixed', before: BEFORE, after: AFTER } } },
  ]);
  expect(suture.securityHub(finding).status).toBe('NOTIFIED');
}

describe('a function that is killed', () => {
  const REMEDIATION = 'suture-ec2-close-admin-ports';
  const MEMBER = 'suture-member';
  const KILLS: readonly [string, string, string, 'killBefore' | 'killAfter', number?][] = [
    ['triage, before it reads the account', 'suture-triage', 'DescribeAccount', 'killBefore'],
    ['the proxy, after it took the lease', 'suture-proxy', 'TransactWriteItems', 'killAfter'],
    ['the proxy, after it assumed the invoker role', 'suture-proxy', 'AssumeRole', 'killAfter'],
    ['the proxy, after the remediation ended', 'suture-invoker', 'Invoke', 'killAfter'],
    ['the proxy, before it releases the lease', 'suture-proxy', 'DeleteItem', 'killBefore'],
    ['the remediation, before it assumes the member role', REMEDIATION, 'AssumeRole', 'killBefore'],
    ['the remediation, after it read the state', MEMBER, 'DescribeSecurityGroupRules', 'killAfter'],
    ['the remediation, after it opened the journal entry', REMEDIATION, 'PutItem', 'killAfter'],
    ['the remediation, before its write', MEMBER, 'RevokeSecurityGroupIngress', 'killBefore'],
    ['the remediation, after its write', MEMBER, 'RevokeSecurityGroupIngress', 'killAfter'],
    ['the remediation, after it journalled the write', REMEDIATION, 'UpdateItem', 'killAfter'],
    ['the remediation, before it verifies the write', MEMBER, 'DescribeSecurityGroupRules', 'killBefore', 2],
    ['the remediation, after it closed the journal entry', REMEDIATION, 'PutItem', 'killAfter', 2],
    ['report, after it wrote to the ledger', 'suture-report', 'UpdateItem', 'killAfter'],
    ['report, after it sent to the queue', 'suture-report', 'SendMessage', 'killAfter'],
    [
      'finding-updates, after Security Hub accepted the updates',
      'suture-finding-updates',
      'BatchUpdateFindings',
      'killAfter',
    ],
  ];
  it.each(KILLS)('%s: the finding is still fixed once, with the same undo', async (_, role, operation, kind, nth) => {
    // Expires the functions' caches of policy and accounts, so that they call again; the proxy's session lasts an hour.
    await suture.kernel.clock.advance(operation === 'AssumeRole' ? 3_700_000 : 600_000);
    const finding = await suture.arrange('EC2.13');
    let fired = 0;
    const fault = faultAt(role, operation, { kind }, nth);
    const counted: FaultRule = (call) => {
      const injected = fault(call);
      if (injected) fired += 1;
      return injected;
    };
    const [trace] = await suture.withFaults([counted], () => suture.process(finding));
    expect(fired).toBe(1);
    expect(trace.execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(trace).toMatchObject({ outcome: 'FIXED', before: BEFORE, after: AFTER });
    await expectFixed(finding);
  });
});

describe('throttling by EC2', () => {
  it('is retried by the client and then by the workflow, until every port is closed', async () => {
    const findings = await repeat(4, () => suture.arrange('EC2.13'));
    const calls = new Map<string | undefined, number>();
    const storm: FaultRule = (call) => {
      if (!isBy(call, 'suture-member')) return undefined;
      const { sourceIdentity } = call.principal as { sourceIdentity?: string };
      const count = (calls.get(sourceIdentity) ?? 0) + 1;
      calls.set(sourceIdentity, count);
      return count <= 7 ? THROTTLED : undefined;
    };
    const traces = await suture.withFaults([storm], () => suture.process(...findings));
    // A client tries a call three times, so two attempts of the workflow fail and the third succeeds.
    for (const { outcome, execution } of traces)
      expect([outcome, execution!.transitions]).toEqual(['FIXED', REMEDIATION_PATH.length + 2]);
    for (const finding of findings) await expectFixed(finding);
  });
  it('that lasts for hours fails the execution in Remediate with Throttled, and a redrive fixes the resource', async () => {
    const finding = await suture.arrange('EC2.13');
    const [trace] = await suture.withFaults([(call) => (isBy(call, 'suture-member') ? THROTTLED : undefined)], () =>
      suture.process(finding),
    );
    expect(trace.execution).toMatchObject({ status: 'FAILED', error: { name: 'Throttled' } });
    expect(trace.execution!.path.at(-1)).toBe('Remediate');
    expect(trace.reason).toBe(
      `Throttled: AWS throttled "Close SSH and RDP to the internet" in account ${SHOP}: RequestLimitExceeded: Request limit exceeded. ` +
        'It is tried again for a while; if it still fails then, replay it: suture replay --failed --error Throttled --reason "…"',
    );
    expect(await suture.inbound(finding)).toContain(SSH);
    await suture.redrive(trace.execution!.arn);
    await expectFixed(finding);
  });
});

describe('connections that break before or after a call took effect', () => {
  it('lose no finding', async () => {
    const open = await repeat(4, () => suture.arrange('EC2.13'));
    const suppressed = await repeat(4, () => suture.arrange('EC2.13', { account: TRAINING }));
    let broken = 0;
    const calls = new Map<string, number>();
    // Each third call of an instance, and five in a row once, which is more than a client tries.
    const breaking: FaultRule = ({ instance }) => {
      if (!instance) return undefined;
      const count = (calls.get(instance) ?? 0) + 1;
      calls.set(instance, count);
      if (count % 3 !== 0 && !(count > 12 && count < 18)) return undefined;
      broken += 1;
      return { kind: count % 2 === 0 ? 'dropBefore' : 'dropAfter' };
    };
    const traces = await suture.withFaults([breaking], () => suture.process(...open, ...suppressed));
    expect(broken).toBeGreaterThan(20);
    expect(traces.map(({ execution }) => execution!.status)).toEqual(Array(8).fill('SUCCEEDED'));
    for (const finding of open) await expectFixed(finding);
    for (const finding of suppressed) expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
  });
});

describe('Security Hub', () => {
  it('gets unprocessed findings in a later call, and no update is lost', async () => {
    const open = await repeat(3, () => suture.arrange('EC2.13'));
    const resource = (await suture.arrange('EC2.13', { account: TRAINING })).Resources[0]!;
    const suppressed = Array.from({ length: 20 }, () => suture.finding('EC2.13', resource, { account: TRAINING }));
    setUnprocessedRate(suture.kernel, 0.3);
    const traces = await suture.process(...open, ...suppressed);
    setUnprocessedRate(suture.kernel, 0);
    expect(traces.map(({ execution }) => execution!.status)).toEqual(Array(23).fill('SUCCEEDED'));
    for (const finding of open) await expectFixed(finding);
    for (const finding of suppressed) {
      expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
      expect(await suture.outcomes(finding)).toEqual(['ARCHIVED']);
    }
    expect(await deadLetters('suture-finding-updates-dlq')).toEqual([]);
  });
});

describe('a write that reads do not show at once', () => {
  it('is verified over several invocations, and is written once', async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [trace] = await suture.withFaults([staleResponses(5)], () => suture.process(finding));
    expect(trace).toMatchObject({ outcome: 'FIXED', before: BEFORE });
    expect(trace.execution!.transitions).toBeGreaterThan(REMEDIATION_PATH.length);
    expect(trace.calls.filter(({ action }) => action === 'ec2:RevokeSecurityGroupIngress')).toHaveLength(1);
    await expectFixed(finding);
  });
  it('fails with ChangeNotVerified, with the actual and the wanted state, if no read ever shows it', async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [trace] = await suture.withFaults([staleResponses(1000)], () => suture.process(finding));
    expect(trace.execution).toMatchObject({ status: 'FAILED', error: { name: 'ChangeNotVerified' } });
    expect(trace.execution!.path.at(-1)).toBe('Remediate');
    expect(trace.reason).toContain('60 s later the resource is {"publicRules":[{"protocol":"tcp","from":22');
    expect(trace.reason).toContain('find it in CloudTrail, then replay it: ');
    expect(suture.securityHub(finding).status).toBe('NEW');
    await suture.redrive(trace.execution!.arn);
    await expectFixed(finding);
  });
});

describe('a change that its execution never saw', () => {
  it("is recorded as that execution's when a second one finds nothing to do, and can be undone", async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [first] = await suture.withFaults([staleResponses(1000)], () => suture.process(finding));
    expect(first.execution!.error!.name).toBe('ChangeNotVerified');
    await suture.kernel.clock.advance(HOUR + 1000);
    const killFunction = faultAt('suture-ec2-close-admin-ports', 'UpdateItem', { kind: 'killAfter' });
    const [second] = await suture.withFaults([killFunction], () => suture.process(finding));
    expect(second).toMatchObject({ outcome: 'COMPLIANT' });
    const { arn: execution } = first.execution!;
    expect(await suture.journal(CLOSE_PORTS, finding)).toMatchObject([{ status: 'done', execution, before: BEFORE }]);

    const { text } = await rollbackCommand(finding.Id, { ...testOperator(suture), reason: 'a trial' });
    expect(JSON.parse(text).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await suture.inbound(finding)).toContain(SSH);
  });
});

describe('Step Functions', () => {
  it('gets the event again from the rule after it throttled StartExecution', async () => {
    const finding = await suture.arrange('EC2.13');
    let refused = 0;
    const throttling: FaultRule = (call) =>
      call.operation === 'StartExecution' && refused++ < 3
        ? { kind: 'error', code: 'ThrottlingException', status: 400 }
        : undefined;
    const [trace] = await suture.withFaults([throttling], () => suture.process(finding));
    const outcomes = deliveries(suture.kernel)
      .slice(-4)
      .map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['retrying', 'retrying', 'retrying', 'delivered']);
    expect(trace.outcome).toBe('FIXED');
  });
  it('gets no event from a rule without permission, whose events go to the dead-letter queue', async () => {
    const finding = await suture.arrange('EC2.13');
    const denying: FaultRule = ({ operation }) =>
      operation === 'StartExecution' ? { kind: 'error', code: 'AccessDeniedException', status: 400 } : undefined;
    await suture.withFaults([denying], () => suture.process(finding));
    const [event, ...more] = await deadLetters('suture-finding-events-dlq');
    expect(more).toEqual([]);
    expect(JSON.parse(event!.Body!).detail.findings[0].Id).toBe(finding.Id);
  });
});

describe('an invalid message on the queue of updates', () => {
  it('ends in the dead-letter queue and delays no other message', async () => {
    const { sandbox, context } = suture;
    const QueueUrl = `${sandbox.endpoint}/${context.securityAccount}/suture-finding-updates`;
    const MessageBody = '{"kind":"archive","token":1}';
    const sqs = new SQSClient(suture.asWorkflow());
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    await suture.process(finding);
    expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
    expect((await deadLetters('suture-finding-updates-dlq')).map(({ Body }) => Body)).toEqual([MessageBody]);
  });
});

/** After each write, the next `count` reads return the state before it. */
function staleResponses(count: number): FaultRule {
  let left = 0;
  return (call) => {
    if (!isBy(call, 'suture-member')) return undefined;
    if (call.operation === 'RevokeSecurityGroupIngress') left = count;
    return call.operation === 'DescribeSecurityGroupRules' && left-- > 0 ? { kind: 'stale' } : undefined;
  };
}

async function repeat<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < count) results.push(await make());
  return results;
}

async function deadLetters(queue: string) {
  const { sandbox, context } = suture;
  const QueueUrl = `${sandbox.endpoint}/${context.securityAccount}/${queue}`;
  const received = await new SQSClient(sandbox.administrator(context.securityAccount)).send(
    new ReceiveMessageCommand({ QueueUrl }),
  );
  return received.Messages ?? [];
}
