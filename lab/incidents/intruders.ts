/** What thieves of credentials, and administrators who go past Suture, do. */
import { DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { executionTag, findingTag, sourceIdentity } from '../../functions/domain/trace.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { invokerRoleArn, memberRoleArn, proxyRoleArn, stateMachineArn } from '../../stacks/names.ts';
import { type ControlFinding, journalKeyOf } from '../organization/finding.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { Scene } from './scene.ts';

export const THIEVES_REMEDIATION = 'ec2/close-admin-ports';

/** A thief has the credentials of a remediation's function, and names an execution that has ended. */
export async function stealSession(scene: Scene, { AwsAccountId, Id }: ControlFinding, execution: string) {
  const { partition, serviceAccount, externalId } = scene.context;
  const role = `${LAB_NAMES.executionRolePath}${LAB_NAMES.executionRole(THIEVES_REMEDIATION)}`;
  const thief = scene.as(`arn:${partition}:iam::${serviceAccount}:role${role}`);
  await new STSClient(thief).send(
    new AssumeRoleCommand({
      RoleArn: memberRoleArn(scene.context, AwsAccountId),
      RoleSessionName: 'maintenance',
      SourceIdentity: sourceIdentity(execution),
      ExternalId: externalId,
      Tags: [
        { Key: 'suture:remediation', Value: THIEVES_REMEDIATION },
        { Key: 'suture:finding', Value: findingTag(Id) },
        { Key: 'suture:execution', Value: executionTag(execution) },
      ],
    }),
  );
}

/** An administrator of the service account changes the state before the newest change. */
export async function forgeJournal(scene: Scene, finding: ControlFinding): Promise<void> {
  const module = REMEDIATIONS.find(({ id }) => id === THIEVES_REMEDIATION)!;
  const dynamo = new DynamoDBClient(scene.service());
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

/** A thief of the proxy's role invokes a remediation with a request of its own, as if no approval were needed. */
export async function invokeUnsigned(scene: Scene, finding: ControlFinding): Promise<void> {
  const { context } = scene;
  const { Credentials } = await new STSClient(scene.as(proxyRoleArn(context))).send(
    new AssumeRoleCommand({ RoleArn: invokerRoleArn(context), RoleSessionName: 'maintenance' }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  const name = LAB_NAMES.remediationFunction(THIEVES_REMEDIATION);
  const started = new Date(scene.now()).toISOString();
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
  await new LambdaClient({ ...scene.service(), credentials }).send(
    new InvokeCommand({
      FunctionName: `arn:${partition}:lambda:${homeRegion}:${serviceAccount}:function:${name}`,
      Qualifier: 'live',
      Payload: JSON.stringify(request),
    }),
  );
}

/** A thief of the role that reports outcomes asks for a kind of update that this role never sends. */
export async function sendForgedUpdate(scene: Scene, { Id }: ControlFinding): Promise<void> {
  const { partition, securityAccount } = scene.context;
  const { job } = (await ledgerQueries(LAB_NAMES.ledgerTable, new DynamoDBClient(scene.security())).record(Id))!;
  const thief = scene.as(`arn:${partition}:iam::${securityAccount}:role/suture/${LAB_NAMES.function('report')}`);
  const QueueUrl = `${scene.kernel.endpoint}/${securityAccount}/${LAB_NAMES.own('finding-updates')}`;
  const MessageBody = JSON.stringify({ v: 3, kind: 'reopen', job, note: 'again' });
  await new SQSClient(thief).send(new SendMessageCommand({ QueueUrl, MessageBody }));
}
