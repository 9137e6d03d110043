/** The deployed rules and workflow reject each forged finding before any role is assumed. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBucketBlock, setBucketBlock } from '../../functions/remediations/s3/bucket-block.ts';
import { type ControlFinding, controlFinding } from '../../lab/organization/finding.ts';
import type { CallRecord } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import type { BusEvent } from '../../sandbox/services/eventbridge/event.ts';
import { publishEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { FORGERIES } from '../functions/triage/forgeries.ts';
import { DATA, type Pipeline, type PipelineExecution, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';

let suture: Pipeline;
let finding: ControlFinding;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  finding = await suture.arrange('EC2.13');
  await suture.setPolicy({
    ...TEST_POLICY,
    controls: { 'EC2.7': 'auto', 'EC2.13': 'auto', 'IAM.3': 'auto', 'S3.8': 'auto' },
  });
});
afterAll(() => suture.sandbox.close());

const genuineEvent = (id: string): BusEvent => ({
  version: '0',
  id,
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: suture.context.securityAccount,
  region: suture.context.homeRegion,
  time: '2026-11-01T00:00:00Z',
  resources: [],
  detail: { findings: [structuredClone(finding)] },
});

async function put(event: BusEvent): Promise<PipelineExecution[]> {
  const { partition, securityAccount: account, homeRegion: region } = suture.context;
  publishEvent(suture.kernel, { partition, account, region }, 'default', event);
  await suture.sandbox.settled();
  const delivered = deliveries(suture.kernel).filter(({ eventId, result }) => eventId === event.id && result);
  return delivered.map(({ result }) => suture.execution(result!));
}

const rejections = () => suture.metrics('Triaged').filter(({ Route }) => Route === 'reject');
const isInMember = ({ account }: CallRecord) => [SHOP, DATA].includes(account);

describe('a forged finding', () => {
  it.each(Object.entries(FORGERIES))('%s', async (_, { forge, because }) => {
    const { securityAccount: security, serviceAccount: service } = suture.context;
    const first = suture.kernel.calls.length;
    const counted = rejections().length;
    const event = forge(genuineEvent(suture.kernel.uuid()), { own: SHOP, security, service }) as BusEvent;

    // The workflow must not rely on the rules: it gets an event directly if no rule matches it.
    let executions = await put(event);
    if (executions.length === 0) executions = await start(event);

    for (const { status, path, output } of executions) {
      expect([status, path]).toEqual(['SUCCEEDED', ['Triage', 'Route', 'Record']]);
      expect(output).toMatchObject({ route: 'reject', reason: expect.stringContaining(because) });
    }
    expect(rejections().length - counted).toBe(executions.length);
    const calls = suture.kernel.calls.slice(first);
    expect(calls.filter((call) => call.operation === 'AssumeRole' || isInMember(call))).toEqual([]);
  });

  /** Step Functions refuses an input over its limit. */
  async function start(event: BusEvent): Promise<PipelineExecution[]> {
    if (JSON.stringify(event).length <= 262_144) return suture.start(event);
    await expect(suture.start(event)).rejects.toMatchObject({ name: 'ValidationException' });
    return [];
  }
});

describe('the genuine finding', () => {
  it('is unaffected by all forgeries, and is fixed when it arrives', async () => {
    expect(await suture.inbound(finding)).toContain(SSH);
    const [trace] = await suture.process(finding);
    expect(trace.outcome).toBe('FIXED');
    expect(await suture.inbound(finding)).not.toContain(SSH);
  });
});

describe('a finding about a bucket of another account', () => {
  it('is refused by S3 before any write', async () => {
    const theirs = await suture.arrange('S3.8', { account: DATA });
    const [resource] = theirs.Resources;
    const owned = { Bucket: resource!.Id.split(':::')[1]!, ExpectedBucketOwner: DATA };
    const s3 = new S3Client(suture.sandbox.administrator(DATA));
    const before = await readBucketBlock(s3, owned);
    const forged = controlFinding({
      control: 'S3.8',
      account: SHOP,
      region: suture.context.homeRegion,
      resource: resource!,
      name: suture.kernel.uuid(),
      at: new Date(suture.kernel.clock.now()),
    });
    const [trace] = await suture.process(forged);
    const { error, cause } = suture.execution(trace.execution!.arn);
    expect(error).toBe('MemberAccessDenied');
    expect(JSON.parse(cause!).errorMessage).toContain(`1. The resource belongs to another account than ${SHOP}`);
    const calls = suture.callsOf(trace.execution!.arn).filter(({ service }) => service === 's3');
    expect(calls.map(({ operation, error }) => [operation, error])).toEqual([['GetPublicAccessBlock', 'AccessDenied']]);
    expect(await readBucketBlock(s3, owned)).toEqual(before);

    // The owner's own finding is fixed.
    await setBucketBlock(s3, owned, before);
    const [fixed] = await suture.process(theirs);
    expect(fixed.outcome).toBe('FIXED');
  });
});

it('a forged finding triggers the alarm, which watches the metric that triage writes', async () => {
  const cloudWatch = new CloudWatchClient(suture.sandbox.administrator(suture.context.securityAccount));
  const command = new DescribeAlarmsCommand({ AlarmNames: ['suture-findings-rejected'] });
  const [alarm] = (await cloudWatch.send(command)).MetricAlarms!;
  const [written] = rejections() as any[];
  expect(written._aws.CloudWatchMetrics).toMatchObject([
    {
      Namespace: alarm!.Namespace,
      Metrics: [{ Name: alarm!.MetricName }],
      Dimensions: [
        alarm!
          .Dimensions!.map(({ Name }) => Name)
          .toSorted()
          .toReversed(),
      ],
    },
  ]);
  for (const { Name, Value } of alarm!.Dimensions!) expect(written[Name!]).toBe(Value);
});
