/** Each session of the member role has an execution that explains it, or raises an alarm. */
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient, type Tag } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { executionTag, findingTag, sourceIdentity } from '../../functions/domain/trace.ts';
import { createBucket } from '../../functions/remediations/kit/create-bucket.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { DOCTOR_TAG, memberRoleArn } from '../../stacks/names.ts';
import {
  EXECUTION_ROLE_PATH,
  executionRoleName,
  functionName,
  ROLLBACK_ROLE_PATH,
  rollbackFunctionName,
} from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const ENCRYPT = 'ec2/encrypt-ebs-by-default';
const EMPTY_GROUP = 'ec2/empty-default-security-group';
const HOUR = 3_600_000;

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await startTrail();
});
afterAll(() => suture.sandbox.close());
beforeEach(() => suture.kernel.clock.advance(2 * HOUR));

/** A trail of the service account, such as the organization's would be one. */
async function startTrail(): Promise<void> {
  const { serviceAccount, homeRegion } = suture.context;
  const settings = suture.sandbox.administrator(serviceAccount);
  const [s3, cloudTrail] = [new S3Client(settings), new CloudTrailClient(settings)];
  const S3BucketName = 'trail-of-the-service-account';
  await createBucket(s3, S3BucketName, { partition: 'aws', account: serviceAccount, region: homeRegion });
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const arn = `arn:aws:s3:::${S3BucketName}`;
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: arn },
    { ...service, Action: 's3:PutObject', Resource: `${arn}/AWSLogs/*` },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket: S3BucketName, Policy }));
  await cloudTrail.send(new CreateTrailCommand({ Name: 'audit', S3BucketName }));
  await cloudTrail.send(new StartLoggingCommand({ Name: 'audit' }));
}

const fixer = () => suture.asServiceFunction(EXECUTION_ROLE_PATH, executionRoleName(ENCRYPT));
const undoer = () => suture.asServiceFunction(ROLLBACK_ROLE_PATH, rollbackFunctionName(ENCRYPT));

type Theft = {
  readonly execution: string;
  readonly finding: string;
  readonly account?: string;
  readonly as?: object;
  readonly remediation?: string;
  readonly identity?: string;
};

async function openSession(
  { execution, finding, account = SHOP, as = fixer(), remediation = ENCRYPT, identity = execution }: Theft,
  more: Tag[] = [],
) {
  const Tags = [
    { Key: 'suture:remediation', Value: remediation },
    { Key: 'suture:finding', Value: findingTag(finding) },
    { Key: 'suture:execution', Value: executionTag(execution) },
    ...more,
  ];
  await new STSClient(as).send(
    new AssumeRoleCommand({
      RoleArn: memberRoleArn(suture.context, account),
      RoleSessionName: 'thief',
      SourceIdentity: sourceIdentity(identity),
      ExternalId: suture.context.externalId,
      Tags,
    }),
  );
  await suture.sandbox.settled();
}

/** Executions that the function looked up. */
const checks = () =>
  suture.kernel.calls.filter(
    ({ role, operation }) => operation === 'DescribeExecution' && role?.endsWith(functionName('unexplained-sessions')),
  ).length;

const alarmCount = () => suture.metrics('UnexplainedSessions').length;

async function processed(control: string, region?: string): Promise<{ finding: ControlFinding; execution: string }> {
  const finding = await suture.arrange(control, region === undefined ? {} : { region });
  const [trace] = await suture.process(finding);
  return { finding, execution: trace.execution!.arn };
}

it('the sessions of a fix and of its rollback raise no alarm', async () => {
  const { finding } = await processed('EC2.7');
  const ofFix = checks();
  expect(ofFix).toBeGreaterThan(0);
  const { text } = await rollbackCommand(finding.Id, { ...testOperator(suture), reason: 'a test' });
  await suture.sandbox.settled();
  expect(JSON.parse(text).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
  expect(checks()).toBeGreaterThan(ofFix);
  expect(alarmCount()).toBe(0);
});

it('the sessions of doctor, in which nothing is allowed, raise no alarm', async () => {
  const before = alarmCount();
  const as = suture.asServiceFunction(EXECUTION_ROLE_PATH, functionName('account-doctor'));
  await openSession({ execution: 'doctor-1', finding: 'doctor', remediation: DOCTOR_TAG, as });
  expect(alarmCount()).toBe(before);
});

describe('the alarm is raised by a session', () => {
  /** The execution waits for an approval. */
  let waiting: { finding: ControlFinding; execution: string };
  beforeAll(async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.2': 'approve' } });
    waiting = await processed('EC2.2');
    expect(suture.execution(waiting.execution).status).toBe('RUNNING');
  });

  const expectAlarm = async (work: () => Promise<void>) => {
    const before = alarmCount();
    await work();
    expect(alarmCount()).toBe(before + 1);
  };

  it('that names an execution which does not exist', () =>
    expectAlarm(() =>
      openSession({ ...waiting, finding: waiting.finding.Id, execution: `${waiting.execution}-more` }),
    ));

  it('that has the tag of doctor, and was opened by another role', async () => {
    const iam = new IAMClient(suture.sandbox.administrator(suture.context.serviceAccount));
    const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const RoleName = 'another-doctor';
    const service = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const Tags = [{ Key: 'suture:remediation', Value: DOCTOR_TAG }];
    const AssumeRolePolicyDocument = document(service);
    await iam.send(new CreateRoleCommand({ RoleName, Path: EXECUTION_ROLE_PATH, AssumeRolePolicyDocument, Tags }));
    const PolicyDocument = document({ Effect: 'Allow', Action: 'sts:*', Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'sessions', PolicyDocument }));
    const as = suture.asServiceFunction(EXECUTION_ROLE_PATH, RoleName);
    await expectAlarm(() => openSession({ execution: 'doctor-1', finding: 'doctor', remediation: DOCTOR_TAG, as }));
  });

  it('that names something other than an execution of the workflow', () =>
    expectAlarm(() => openSession({ finding: waiting.finding.Id, execution: 'arn:aws:states:execution:other:1' })));

  it('that names an execution which has ended', async () => {
    const { finding, execution } = await processed('EC2.7', 'eu-west-1');
    await suture.kernel.clock.advance(6 * 60_000);
    await expectAlarm(() => openSession({ execution, finding: finding.Id }));
  });

  /** As a thief of the remediation that the execution waits to run. */
  const own = () => ({
    ...{ execution: waiting.execution, finding: waiting.finding.Id, remediation: EMPTY_GROUP },
    as: suture.asServiceFunction(EXECUTION_ROLE_PATH, executionRoleName(EMPTY_GROUP)),
  });
  it('that names a running execution about another finding', () =>
    expectAlarm(() => openSession({ ...own(), finding: 'another' })));

  it('that names a running execution about a finding of another account', () =>
    expectAlarm(() => openSession({ ...own(), account: DATA })));

  it('that has the source identity of another execution', () =>
    expectAlarm(() => openSession({ ...own(), identity: 'another' })));

  it('but not by one for the finding of a running execution', async () => {
    const before = alarmCount();
    await openSession(own());
    expect(alarmCount()).toBe(before);
  });

  it('that names a running execution about a finding which its remediation does not handle', () =>
    expectAlarm(() => openSession({ execution: waiting.execution, finding: waiting.finding.Id })));

  it('that has the rollback tag, while its execution is not a rollback', async () => {
    const { finding, execution } = await processed('EC2.7', 'eu-west-1');
    const rollback = { Key: 'suture:rollback', Value: ENCRYPT };
    await expectAlarm(() => openSession({ execution, finding: finding.Id, as: undoer() }, [rollback]));
  });
});

it('the alarm watches the metric that the function writes', async () => {
  const cloudWatch = new CloudWatchClient(suture.sandbox.administrator(suture.context.securityAccount));
  const command = new DescribeAlarmsCommand({ AlarmNames: ['suture-unexplained-sessions'] });
  const { MetricAlarms } = await cloudWatch.send(command);
  const { Namespace, MetricName, Dimensions } = MetricAlarms![0]!;
  const [written] = suture.metrics('UnexplainedSessions') as any[];
  expect(written._aws.CloudWatchMetrics).toMatchObject([{ Namespace, Metrics: [{ Name: MetricName }] }]);
  for (const { Name, Value } of Dimensions!) expect(written[Name!]).toBe(Value);
});
