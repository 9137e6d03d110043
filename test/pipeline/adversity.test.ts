/** Functions that die, services that throttle, break off, take half or answer late: nothing is lost, no undo either. */
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { Fault, FaultRule } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { setUnprocessedRate } from '../../sandbox/services/securityhub/simulation.ts';
import { DATA, type Pipeline, REMEDIATED, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';

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
});
afterAll(() => suture.sandbox.close());

type Call = Parameters<FaultRule>[0];

/** By the role's name, without path. */
const isBy = ({ principal }: Call, role: string) => principal.kind === 'session' && principal.role.endsWith(`/${role}`);

/** The fault for the n-th call of this operation by this role, once. */
function at(role: string, operation: string, fault: Fault, nth = 1): FaultRule {
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
  const cases: readonly [string, string, string, 'killBefore' | 'killAfter', number?][] = [
    ['triage, before it knows the account', 'suture-triage', 'DescribeAccount', 'killBefore'],
    ['the proxy, its lease in hand', 'suture-proxy', 'TransactWriteItems', 'killAfter'],
    ['the proxy, after the remediation ended', 'suture-proxy', 'Invoke', 'killAfter'],
    ['the proxy, before it gives the lease back', 'suture-proxy', 'DeleteItem', 'killBefore'],
    ['the remediation, before it goes to the account', REMEDIATION, 'AssumeRole', 'killBefore'],
    ['the remediation, after it looked', MEMBER, 'DescribeSecurityGroupRules', 'killAfter'],
    ['the remediation, after it opened the journal', REMEDIATION, 'PutItem', 'killAfter'],
    ['the remediation, before its write', MEMBER, 'RevokeSecurityGroupIngress', 'killBefore'],
    ['the remediation, after its write', MEMBER, 'RevokeSecurityGroupIngress', 'killAfter'],
    ['the remediation, after it journalled the write', REMEDIATION, 'UpdateItem', 'killAfter'],
    ['the remediation, before it looks again', MEMBER, 'DescribeSecurityGroupRules', 'killBefore', 2],
    ['the remediation, after it closed the journal', REMEDIATION, 'PutItem', 'killAfter', 2],
    ['report, after the ledger has it', 'suture-report', 'UpdateItem', 'killAfter'],
    ['report, after the queue has it', 'suture-report', 'SendMessage', 'killAfter'],
    [
      'the updates of findings, after Security Hub took them',
      'suture-finding-updates',
      'BatchUpdateFindings',
      'killAfter',
    ],
  ];
  it.each(cases)('%s: goes on to the same end, with the same undo', async (_, role, operation, kind, nth) => {
    // Whatever the functions remember of policy and accounts is outdated, so that they ask again.
    await suture.kernel.clock.advance(600_000);
    const finding = await suture.arrange('EC2.13');
    let fired = 0;
    const fault = at(role, operation, { kind }, nth);
    const counted: FaultRule = (call) => {
      const found = fault(call);
      if (found) fired += 1;
      return found;
    };
    const [trace] = await suture.withFaults([counted], () => suture.deal(finding));
    expect(fired).toBe(1);
    expect(trace.execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(trace).toMatchObject({ outcome: 'FIXED', before: BEFORE, after: AFTER });
    await expectFixed(finding);
  });
});

describe('EC2 that throttles', () => {
  it('is asked again, by the client and then by the workflow, until every port is closed', async () => {
    const findings = await many(4, () => suture.arrange('EC2.13'));
    const calls = new Map<string | undefined, number>();
    const storm: FaultRule = (call) => {
      if (!isBy(call, 'suture-member')) return undefined;
      const { sourceIdentity } = call.principal as { sourceIdentity?: string };
      const made = (calls.get(sourceIdentity) ?? 0) + 1;
      calls.set(sourceIdentity, made);
      return made <= 7 ? THROTTLED : undefined;
    };
    const traces = await suture.withFaults([storm], () => suture.deal(...findings));
    // A client makes a call three times: two attempts of the workflow fail, and the third goes through.
    for (const { outcome, execution } of traces)
      expect([outcome, execution!.transitions]).toEqual(['FIXED', REMEDIATED.length + 2]);
    for (const finding of findings) await expectFixed(finding);
  });
  it('for hours fails the execution in Remediate under the name Throttled, and a redrive fixes', async () => {
    const finding = await suture.arrange('EC2.13');
    const [trace] = await suture.withFaults([(call) => (isBy(call, 'suture-member') ? THROTTLED : undefined)], () =>
      suture.deal(finding),
    );
    expect(trace.execution).toMatchObject({ status: 'FAILED', error: { name: 'Throttled' } });
    expect(trace.execution!.path.at(-1)).toBe('Remediate');
    expect(trace.reason).toBe(
      `Throttled: AWS throttled "Close SSH and RDP to the internet" in account ${SHOP}: RequestLimitExceeded: Request limit exceeded. ` +
        'It is tried again for a while; if it still fails then, redrive the execution.',
    );
    expect(await suture.inbound(finding)).toContain(SSH);
    await suture.redrive(trace.execution!.arn);
    await expectFixed(finding);
  });
});

describe('connections that break off, before or after a call took effect', () => {
  it('cost no finding', async () => {
    const open = await many(4, () => suture.arrange('EC2.13'));
    const suppressed = await many(4, () => suture.arrange('EC2.13', { account: TRAINING }));
    const breaking: FaultRule = (call) => {
      if (!call.instance || suture.kernel.random() > 0.25) return undefined;
      return { kind: suture.kernel.random() < 0.5 ? 'cutBefore' : 'cutAfter' };
    };
    const traces = await suture.withFaults([breaking], () => suture.deal(...open, ...suppressed));
    expect(traces.map(({ execution }) => execution!.status)).toEqual(Array(8).fill('SUCCEEDED'));
    for (const finding of open) await expectFixed(finding);
    for (const finding of suppressed) expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
  });
});

describe('Security Hub', () => {
  it('that leaves part of each call undone gets that part again, and loses nothing', async () => {
    const open = await many(3, () => suture.arrange('EC2.13'));
    const resource = (await suture.arrange('EC2.13', { account: TRAINING })).Resources[0]!;
    const suppressed = Array.from({ length: 20 }, () => suture.finding('EC2.13', resource, { account: TRAINING }));
    setUnprocessedRate(suture.kernel, 0.3);
    const traces = await suture.deal(...open, ...suppressed);
    setUnprocessedRate(suture.kernel, 0);
    expect(traces.map(({ execution }) => execution!.status)).toEqual(Array(23).fill('SUCCEEDED'));
    for (const finding of open) await expectFixed(finding);
    for (const finding of suppressed) {
      expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
      expect((await suture.history(finding.Id)).map(({ outcome }) => outcome)).toEqual(['ARCHIVED']);
    }
    expect(await deadLetters('suture-finding-updates-dlq')).toEqual([]);
  });
});

describe('a write that does not show at once', () => {
  it('is looked at again, longer than one invocation waits, and written once', async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [trace] = await suture.withFaults([staleLooks(5)], () => suture.deal(finding));
    expect(trace).toMatchObject({ outcome: 'FIXED', before: BEFORE });
    expect(trace.execution!.transitions).toBeGreaterThan(REMEDIATED.length);
    expect(trace.calls.filter(({ action }) => action === 'ec2:RevokeSecurityGroupIngress')).toHaveLength(1);
    await expectFixed(finding);
  });
  it('and does not hold fails with ChangeNotVerified, which says what is and what should be', async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [trace] = await suture.withFaults([staleLooks(1000)], () => suture.deal(finding));
    expect(trace.execution).toMatchObject({ status: 'FAILED', error: { name: 'ChangeNotVerified' } });
    expect(trace.execution!.path.at(-1)).toBe('Remediate');
    expect(trace.reason).toContain('60 s later the resource is {"publicRules":[{"protocol":"tcp","from":22');
    expect(trace.reason).toContain('find it in CloudTrail, then redrive');
    expect(suture.securityHub(finding).status).toBe('NEW');
    await suture.redrive(trace.execution!.arn);
    await expectFixed(finding);
  });
});

describe('a change that one execution began and another goes on with', () => {
  it("is the other one's fix with the first one's undo, also when it dies before it can say so", async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [began] = await suture.withFaults([staleLooks(1000)], () => suture.deal(finding));
    expect(began.execution!.error!.name).toBe('ChangeNotVerified');
    await suture.kernel.clock.advance(HOUR + 1000);
    const dies = at('suture-ec2-close-admin-ports', 'PutItem', { kind: 'killAfter' });
    const [goesOn] = await suture.withFaults([dies], () => suture.deal(finding));
    expect(goesOn).toMatchObject({ outcome: 'FIXED', before: BEFORE, after: AFTER });
    await expectFixed(finding);
  });
});

describe('Step Functions that takes no executions for a while', () => {
  it('gets the event again from the rule', async () => {
    const finding = await suture.arrange('EC2.13');
    let refused = 0;
    const throttling: FaultRule = (call) =>
      call.operation === 'StartExecution' && refused++ < 3
        ? { kind: 'error', code: 'ThrottlingException', status: 400 }
        : undefined;
    const [trace] = await suture.withFaults([throttling], () => suture.deal(finding));
    const outcomes = deliveries(suture.kernel)
      .slice(-4)
      .map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['retrying', 'retrying', 'retrying', 'delivered']);
    expect(trace.outcome).toBe('FIXED');
  });
  it('leaves the event in the dead-letter queue when the rule may start none', async () => {
    const finding = await suture.arrange('EC2.13');
    const denying: FaultRule = ({ operation }) =>
      operation === 'StartExecution' ? { kind: 'error', code: 'AccessDeniedException', status: 400 } : undefined;
    await suture.withFaults([denying], () => suture.deal(finding));
    const [event, ...more] = await deadLetters('suture-finding-events-dlq');
    expect(more).toEqual([]);
    expect(JSON.parse(event!.Body!).detail.findings[0].Id).toBe(finding.Id);
  });
});

describe('a message on the queue of updates that is none', () => {
  it('ends in the dead-letter queue, and holds no other up', async () => {
    const { sandbox, context } = suture;
    const QueueUrl = `${sandbox.endpoint}/${context.securityAccount}/suture-finding-updates`;
    const MessageBody = '{"kind":"archive","token":1}';
    const sqs = new SQSClient(sandbox.administrator(context.securityAccount));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    await suture.deal(finding);
    expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
    expect((await deadLetters('suture-finding-updates-dlq')).map(({ Body }) => Body)).toEqual([MessageBody]);
  });
});

/** From the first write on, so many looks see what was before it. */
function staleLooks(count: number): FaultRule {
  let left = 0;
  return (call) => {
    if (!isBy(call, 'suture-member')) return undefined;
    if (call.operation === 'RevokeSecurityGroupIngress') left = count;
    return call.operation === 'DescribeSecurityGroupRules' && left-- > 0 ? { kind: 'stale' } : undefined;
  };
}

async function many<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(await make());
  return made;
}

async function deadLetters(queue: string) {
  const { sandbox, context } = suture;
  const QueueUrl = `${sandbox.endpoint}/${context.securityAccount}/${queue}`;
  const received = await new SQSClient(sandbox.administrator(context.securityAccount)).send(
    new ReceiveMessageCommand({ QueueUrl }),
  );
  return received.Messages ?? [];
}
