/** Attacks with stolen credentials, and changes that administrators make past Suture. */
import { DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, type Credentials, STSClient } from '@aws-sdk/client-sts';
import { executionTag, findingTag, sourceIdentity } from '../../functions/domain/trace.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { invokerRoleArn, memberRoleArn, proxyRoleArn, stateMachineArn } from '../../stacks/names.ts';
import { type ControlFinding, journalKeyOf } from '../organization/finding.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { IncidentLab } from './incident-lab.ts';

/** Attackers have the credentials of its function. */
export const COMPROMISED_REMEDIATION = 'ec2/close-admin-ports';

/** Looks around with the member role, as a thief of a remediation's function, in the name of an execution that has ended. */
export async function assumeMemberRoleAsAttacker(
  lab: IncidentLab,
  { AwsAccountId, Id }: ControlFinding,
  execution: string,
) {
  const { partition, serviceAccount, externalId } = lab.context;
  const role = `${LAB_NAMES.executionRolePath}${LAB_NAMES.executionRole(COMPROMISED_REMEDIATION)}`;
  const attacker = lab.as(`arn:${partition}:iam::${serviceAccount}:role${role}`);
  const { Credentials } = await new STSClient(attacker).send(
    new AssumeRoleCommand({
      RoleArn: memberRoleArn(lab.context, AwsAccountId),
      RoleSessionName: 'maintenance',
      SourceIdentity: sourceIdentity(execution),
      ExternalId: externalId,
      Tags: [
        { Key: 'suture:remediation', Value: COMPROMISED_REMEDIATION },
        { Key: 'suture:finding', Value: findingTag(Id) },
        { Key: 'suture:execution', Value: executionTag(execution) },
      ],
    }),
  );
  const settings = { ...lab.sandbox.administrator(AwsAccountId), credentials: credentialsIn(Credentials!) };
  await new EC2Client(settings).send(new DescribeSecurityGroupsCommand({}));
}

const credentialsIn = ({ AccessKeyId, SecretAccessKey, SessionToken }: Credentials) => ({
  accessKeyId: AccessKeyId!,
  secretAccessKey: SecretAccessKey!,
  sessionToken: SessionToken!,
});

/** Changes the state before the newest change in the journal, as an administrator of the service account could. */
export async function forgeJournal(lab: IncidentLab, finding: ControlFinding): Promise<void> {
  const module = REMEDIATIONS.find(({ id }) => id === COMPROMISED_REMEDIATION)!;
  const dynamo = new DynamoDBClient(lab.service());
  const { Items } = await dynamo.send(
    new QueryCommand({
      TableName: LAB_NAMES.journalTable,
      KeyConditionExpression: 'pk = :key',
      ExpressionAttributeValues: { ':key': { S: journalKeyOf(module, finding) } },
      ScanIndexForward: false,
    }),
  );
  const { pk, sk, entry } = Items![0]!;
  const before = { publicRules: [{ protocol: '-1', from: -1, to: -1, cidr: '0.0.0.0/0' }] };
  await dynamo.send(
    new UpdateItemCommand({
      TableName: LAB_NAMES.journalTable,
      Key: { pk: pk!, sk: sk! },
      UpdateExpression: 'SET entry = :entry',
      ExpressionAttributeValues: { ':entry': { S: JSON.stringify({ ...JSON.parse(entry!.S!), before }) } },
    }),
  );
}

/** Invokes a remediation with the role of the proxy and an unsigned request, as if it needed no approval. */
export async function invokeUnsigned(lab: IncidentLab, finding: ControlFinding): Promise<void> {
  const { context } = lab;
  const { Credentials } = await new STSClient(lab.as(proxyRoleArn(context))).send(
    new AssumeRoleCommand({ RoleArn: invokerRoleArn(context), RoleSessionName: 'maintenance' }),
  );
  const credentials = credentialsIn(Credentials!);
  const name = LAB_NAMES.remediationFunction(COMPROMISED_REMEDIATION);
  const started = new Date(lab.now()).toISOString();
  const { partition, homeRegion, serviceAccount } = context;
  const request = {
    ...{ v: 3, mode: 'apply', started },
    execution: `${stateMachineArn(context).replace(':stateMachine:', ':execution:')}:maintenance`,
    finding: {
      id: finding.Id,
      productArn: finding.ProductArn,
      partition,
      account: finding.AwsAccountId,
      region: finding.Region,
      control: finding.Compliance.SecurityControlId,
    },
    target: { groupId: finding.Resources[0]!.Id.split('/')[1] },
    params: {},
    policy: { mode: 'auto', tags: {} },
  };
  await new LambdaClient({ ...lab.service(), credentials }).send(
    new InvokeCommand({
      FunctionName: `arn:${partition}:lambda:${homeRegion}:${serviceAccount}:function:${name}`,
      Qualifier: 'live',
      Payload: JSON.stringify(request),
    }),
  );
}

/**
 * Starts an execution with a finding that Security Hub never had, as an administrator of the security account could. No
 * other way leads there: AWS lets nobody import in the name of Security Hub, or put events with its source. Returns the
 * execution.
 */
export async function startWithForgedFinding(lab: IncidentLab, finding: ControlFinding): Promise<string> {
  const { securityAccount, homeRegion } = lab.context;
  const event = {
    ...{ version: '0', id: lab.kernel.uuid(), source: 'aws.securityhub', account: securityAccount, region: homeRegion },
    ...{ 'detail-type': 'Security Hub Findings - Imported', resources: [], detail: { findings: [finding] } },
    time: new Date(lab.now()).toISOString(),
  };
  const input = { stateMachineArn: stateMachineArn(lab.context), input: JSON.stringify(event) };
  return (await new SFNClient(lab.security()).send(new StartExecutionCommand(input))).executionArn!;
}

/** @throws Error if an execution did not end, as in another incident that keeps triage from rejecting */
export async function checkEnded(lab: IncidentLab, executions: readonly string[]): Promise<void> {
  for (const executionArn of executions) {
    const { status } = await new SFNClient(lab.security()).send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'SUCCEEDED') throw new Error(`${executionArn} is ${status}: triage has not rejected its finding`);
  }
}

/** Sends, with the role that reports outcomes, a kind of update that this role never sends. */
export async function sendForgedUpdate(lab: IncidentLab, { Id }: ControlFinding): Promise<void> {
  const { partition, securityAccount } = lab.context;
  const { job } = (await ledgerQueries(LAB_NAMES.ledgerTable, new DynamoDBClient(lab.security())).record(Id))!;
  const attacker = lab.as(`arn:${partition}:iam::${securityAccount}:role/suture/${LAB_NAMES.function('report')}`);
  const QueueUrl = `${lab.kernel.endpoint}/${securityAccount}/${LAB_NAMES.own('finding-updates')}`;
  const MessageBody = JSON.stringify({ v: 3, kind: 'reopen', job, note: 'again' });
  await new SQSClient(attacker).send(new SendMessageCommand({ QueueUrl, MessageBody }));
}
