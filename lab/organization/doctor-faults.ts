/** Faults that somebody could make in an organization, each with what doctor must find, and nothing else. */
import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  AttachRolePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { DeleteStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListSubscriptionsByTopicCommand, SNSClient, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { iamStateOf } from '../../sandbox/services/iam/state.ts';
import { changeHubSettings, disableSecurityHub } from '../../sandbox/services/securityhub/simulation.ts';
import { setQuota } from '../../sandbox/services/servicequotas/state.ts';
import { createSession } from '../../sandbox/services/sts/assume.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { LAB_NAMES } from './lab-names.ts';
import type { RunningOrganization } from './organization.ts';
import { recorderVerdict, TRAIL, topicIn } from './ready.ts';

type Organization = Pick<RunningOrganization, 'sandbox' | 'context'>;

export type DoctorFault = {
  readonly name: string;
  /** Check and place of each problem that doctor must find. */
  readonly expected: (organization: Organization) => readonly string[];
  readonly plant: (organization: Organization) => Promise<void> | void;
};

const [SHOP, DATA, TRAINING] = ['333333333333', '444444444444', '555555555555'] as const;

const security = ({ sandbox, context }: Organization) => sandbox.administrator(context.securityAccount);

/** Returns a client of StackSets' role: the service control policy lets nobody else change these roles. */
function iamOf({ sandbox }: Organization, account: string): IAMClient {
  const role = iamStateOf(sandbox.kernel, account)
    .roles.values()
    .find(({ name }) => name.startsWith('stacksets-exec-'));
  return new IAMClient(sandbox.clientSettings(createSession(sandbox.kernel, role!, 'StackSets')));
}
const atSecurity =
  (...checks: readonly string[]) =>
  ({ context }: Organization) =>
    checks.map((check) => `${check} ${context.securityAccount} ${context.homeRegion}`);
const atService =
  (check: string) =>
  ({ context }: Organization) => [`${check} ${context.serviceAccount} ${context.homeRegion}`];
const at =
  (...expected: readonly string[]) =>
  () =>
    expected;

/** In an order in which no fault hides a later one. */
export const DOCTOR_FAULTS: readonly DoctorFault[] = [
  {
    name: 'Security Hub aggregates no other Region',
    expected: atSecurity('aggregation-region'),
    plant: ({ sandbox }) => changeHubSettings(sandbox.kernel, { linkedRegions: [] }),
  },
  {
    name: 'findings are not consolidated',
    expected: atSecurity('consolidated-findings'),
    plant: ({ sandbox }) => changeHubSettings(sandbox.kernel, { findings: 'STANDARD_CONTROL' }),
  },
  {
    name: 'a rule is disabled, so that controls of the policy are not routed',
    expected: atSecurity('rules', 'policy'),
    async plant(organization) {
      await new EventBridgeClient(security(organization)).send(
        new DisableRuleCommand({ Name: LAB_NAMES.own('findings-1') }),
      );
    },
  },
  {
    name: 'failed messages of a queue are lost',
    expected: atSecurity('queues'),
    async plant(organization) {
      const sqs = new SQSClient(security(organization));
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: LAB_NAMES.own('failures') }));
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));
    },
  },
  {
    name: 'a new account runs ten functions at once',
    expected: atService('concurrency'),
    plant({ sandbox: { kernel }, context: { partition, serviceAccount: account, homeRegion: region } }) {
      setQuota(kernel, { partition, account, region }, 'lambda/L-B99A9384', 10);
    },
  },
  {
    name: 'a function may not run, because its reserved concurrency is 0',
    expected: atSecurity('stopped-functions'),
    async plant(organization) {
      const stopped = { FunctionName: LAB_NAMES.function('report'), ReservedConcurrentExecutions: 0 };
      await new LambdaClient(security(organization)).send(new PutFunctionConcurrencyCommand(stopped));
    },
  },
  {
    name: 'nobody gets the alarms',
    expected: atService('alarm-subscribers'),
    async plant({ sandbox, context }) {
      const sns = new SNSClient(sandbox.administrator(context.serviceAccount));
      const TopicArn = topicIn(context, context.serviceAccount);
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      for (const { SubscriptionArn } of Subscriptions) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    },
  },
  {
    name: 'no trail records the reads and writes of the ledger',
    expected: atSecurity('data-events'),
    async plant(organization) {
      await new CloudTrailClient(security(organization)).send(new StopLoggingCommand({ Name: TRAIL }));
    },
  },
  {
    name: 'the stack of the ledger can be deleted',
    expected: atSecurity('termination-protection'),
    async plant(organization) {
      const client = new CloudFormationClient(security(organization));
      const StackName = LAB_NAMES.stack('Ledger');
      await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
    },
  },
  {
    name: 'Config does not record',
    expected: ({ context }) => [`config-on ${SHOP} ${context.homeRegion}`],
    plant: (organization) => recorderVerdict(organization, SHOP, organization.context.homeRegion, 'FAILED'),
  },
  {
    name: 'Security Hub is off',
    expected: ({ context }) => [`security-hub-on ${SHOP} ${context.regions[1]}`],
    plant: ({ sandbox, context }) => disableSecurityHub(sandbox.kernel, SHOP, context.regions[1]!),
  },
  {
    name: 'somebody attached a policy to a member role',
    expected: at(`role-drift ${SHOP}`),
    async plant(organization) {
      const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
      await iamOf(organization, SHOP).send(new AttachRolePolicyCommand({ RoleName: LAB_NAMES.memberRole, PolicyArn }));
    },
  },
  {
    name: 'a member role trusts another external id, so that it refuses',
    expected: at(`role-assumable ${DATA}`, `role-drift ${DATA}`),
    plant: (organization) => changeTrust(organization, DATA, LAB_NAMES.memberRole),
  },
  {
    name: "the doctor's role refuses although the StackSet deployed it",
    expected: at(`role-exists ${TRAINING}`),
    plant: (organization) => changeTrust(organization, TRAINING, LAB_NAMES.memberDoctorRole),
  },
  {
    name: 'the workflow is gone',
    expected: atSecurity('workflow'),
    async plant(organization) {
      const command = new DeleteStateMachineCommand({ stateMachineArn: stateMachineArn(organization.context) });
      await new SFNClient(security(organization)).send(command);
    },
  },
];

async function changeTrust(organization: Organization, account: string, RoleName: string): Promise<void> {
  const iam = iamOf(organization, account);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const trust = decodeURIComponent(Role!.AssumeRolePolicyDocument!);
  const PolicyDocument = trust.replaceAll(organization.context.externalId, 'another-external-id');
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
}

/** Deletes a role as StackSets, whom the service control policy does not stop. */
export async function deleteRole(organization: Organization, account: string, RoleName: string): Promise<void> {
  const iam = iamOf(organization, account);
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of AttachedPolicies) await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
}
