/** Resources that their owners lock against Suture, and security groups that they open and close. */

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
import type { IncidentLab } from './incident-lab.ts';

const SID = 'OnlyThePlatformTeam';
const KEY_POLICY = 'default';

/** Denies Suture an action by the policy of the finding's key, as the key's owner could. */
export async function lockKey(lab: IncidentLab, finding: ControlFinding, action: string): Promise<IncidentEnd> {
  const { AwsAccountId: account, Region, Resources } = finding;
  const kms = () => new KMSClient(lab.sandbox.administrator(account, Region));
  const KeyId = Resources[0]!.Id;
  const policy = async () =>
    JSON.parse((await kms().send(new GetKeyPolicyCommand({ KeyId, PolicyName: KEY_POLICY }))).Policy!);
  const Policy = locked(await policy(), memberRoleArn(lab.context, account), action, '*');
  await kms().send(new PutKeyPolicyCommand({ KeyId, PolicyName: KEY_POLICY, Policy }));
  return {
    isOver: async () => !JSON.stringify(await policy()).includes(SID),
    async resolve() {
      const Policy = unlocked(await policy());
      await kms().send(new PutKeyPolicyCommand({ KeyId, PolicyName: KEY_POLICY, Policy }));
    },
  };
}

/** Denies Suture changes by the policy of the finding's queue, as the queue's owner could. */
export async function lockQueue(lab: IncidentLab, finding: ControlFinding): Promise<IncidentEnd> {
  const { AwsAccountId: account, Region, Resources } = finding;
  const sqs = () => new SQSClient(lab.sandbox.administrator(account, Region));
  const QueueName = Resources[0]!.Id.split(':').at(-1);
  const { QueueUrl } = await sqs().send(new GetQueueUrlCommand({ QueueName }));
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
  const policy = async (): Promise<ResourcePolicy> =>
    JSON.parse((await sqs().send(get)).Attributes?.Policy ?? '{"Statement":[]}');
  const put = (Policy: string) => sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const role = memberRoleArn(lab.context, account);
  await put(locked(await policy(), role, 'sqs:SetQueueAttributes', Resources[0]!.Id));
  return {
    isOver: async () => !JSON.stringify(await policy()).includes(SID),
    resolve: async () => put(unlocked(await policy())),
  };
}

type ResourcePolicy = { readonly Statement: readonly { readonly Sid?: string }[] };

function locked({ Statement, ...document }: ResourcePolicy, AWS: string, Action: string, Resource: string): string {
  const denial = { Sid: SID, Effect: 'Deny', Principal: { AWS }, Action, Resource };
  return JSON.stringify({ ...document, Statement: [...Statement, denial] });
}
const unlocked = ({ Statement, ...document }: ResourcePolicy): string =>
  JSON.stringify({ ...document, Statement: Statement.filter(({ Sid }) => Sid !== SID) });

const SSH = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
const groupOf = ({ Resources }: ControlFinding) => Resources[0]!.Id.split('/')[1]!;
const ec2Of = (lab: IncidentLab, { AwsAccountId, Region }: ControlFinding) =>
  new EC2Client(lab.sandbox.administrator(AwsAccountId, Region));

/** Opens the finding's security group again, as the owner's template does. */
export async function openSsh(lab: IncidentLab, finding: ControlFinding): Promise<void> {
  const input = { GroupId: groupOf(finding), IpPermissions: SSH };
  await ec2Of(lab, finding).send(new AuthorizeSecurityGroupIngressCommand(input));
}
export async function closeSsh(lab: IncidentLab, finding: ControlFinding): Promise<void> {
  const input = { GroupId: groupOf(finding), IpPermissions: SSH };
  await ec2Of(lab, finding).send(new RevokeSecurityGroupIngressCommand(input));
}
export async function isSshOpen(lab: IncidentLab, finding: ControlFinding): Promise<boolean> {
  const Filters = [{ Name: 'group-id', Values: [groupOf(finding)] }];
  const { SecurityGroupRules = [] } = await ec2Of(lab, finding).send(
    new DescribeSecurityGroupRulesCommand({ Filters }),
  );
  return SecurityGroupRules.some(
    ({ IsEgress, FromPort, CidrIpv4 }) => !IsEgress && FromPort === 22 && CidrIpv4 === '0.0.0.0/0',
  );
}
