/** Resources that their owners have locked against Suture, and can unlock again. */

import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { memberRoleArn } from '../../stacks/names.ts';
import type { ControlFinding } from '../organization/finding.ts';
import type { IncidentEnd } from './incident-end.ts';
import type { Scene } from './scene.ts';

const SID = 'OnlyThePlatformTeam';
const KEY_POLICY = 'default';

/** Denies Suture an action on the key of a finding, by the key's policy, as its owner could. */
export async function lockKey(scene: Scene, finding: ControlFinding, action: string): Promise<IncidentEnd> {
  const { AwsAccountId: account, Region, Resources } = finding;
  const kms = () => new KMSClient(scene.sandbox.administrator(account, Region));
  const KeyId = Resources[0]!.Id;
  const policy = async () =>
    JSON.parse((await kms().send(new GetKeyPolicyCommand({ KeyId, PolicyName: KEY_POLICY }))).Policy!);
  const Policy = locked(await policy(), memberRoleArn(scene.context, account), action, '*');
  await kms().send(new PutKeyPolicyCommand({ KeyId, PolicyName: KEY_POLICY, Policy }));
  return {
    isOver: async () => !JSON.stringify(await policy()).includes(SID),
    async mend() {
      const Policy = unlocked(await policy());
      await kms().send(new PutKeyPolicyCommand({ KeyId, PolicyName: KEY_POLICY, Policy }));
    },
  };
}

/** The same for the queue of a finding. */
export async function lockQueue(scene: Scene, finding: ControlFinding): Promise<IncidentEnd> {
  const { AwsAccountId: account, Region, Resources } = finding;
  const sqs = () => new SQSClient(scene.sandbox.administrator(account, Region));
  const QueueName = Resources[0]!.Id.split(':').at(-1);
  const { QueueUrl } = await sqs().send(new GetQueueUrlCommand({ QueueName }));
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
  const policy = async (): Promise<Document> =>
    JSON.parse((await sqs().send(get)).Attributes?.Policy ?? '{"Statement":[]}');
  const put = (Policy: string) => sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const role = memberRoleArn(scene.context, account);
  await put(locked(await policy(), role, 'sqs:SetQueueAttributes', Resources[0]!.Id));
  return {
    isOver: async () => !JSON.stringify(await policy()).includes(SID),
    mend: async () => put(unlocked(await policy())),
  };
}

type Document = { readonly Statement: readonly { readonly Sid?: string }[] };

function locked({ Statement, ...document }: Document, AWS: string, Action: string, Resource: string): string {
  const denial = { Sid: SID, Effect: 'Deny', Principal: { AWS }, Action, Resource };
  return JSON.stringify({ ...document, Statement: [...Statement, denial] });
}
const unlocked = ({ Statement, ...document }: Document): string =>
  JSON.stringify({ ...document, Statement: Statement.filter(({ Sid }) => Sid !== SID) });

const SSH = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
const groupOf = ({ Resources }: ControlFinding) => Resources[0]!.Id.split('/')[1]!;
const ec2Of = (scene: Scene, { AwsAccountId, Region }: ControlFinding) =>
  new EC2Client(scene.sandbox.administrator(AwsAccountId, Region));

/** Opens the group of the finding again, as the owner's template does. */
export async function openSsh(scene: Scene, finding: ControlFinding): Promise<void> {
  const input = { GroupId: groupOf(finding), IpPermissions: SSH };
  await ec2Of(scene, finding).send(new AuthorizeSecurityGroupIngressCommand(input));
}
export async function closeSsh(scene: Scene, finding: ControlFinding): Promise<void> {
  const input = { GroupId: groupOf(finding), IpPermissions: SSH };
  await ec2Of(scene, finding).send(new RevokeSecurityGroupIngressCommand(input));
}
export async function isSshOpen(scene: Scene, finding: ControlFinding): Promise<boolean> {
  const Filters = [{ Name: 'group-id', Values: [groupOf(finding)] }];
  const { SecurityGroupRules = [] } = await ec2Of(scene, finding).send(
    new DescribeSecurityGroupRulesCommand({ Filters }),
  );
  return SecurityGroupRules.some(
    ({ IsEgress, FromPort, CidrIpv4 }) => !IsEgress && FromPort === 22 && CidrIpv4 === '0.0.0.0/0',
  );
}
