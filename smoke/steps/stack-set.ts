import {
  CloudFormationClient,
  ListStackInstancesCommand,
  type StackInstanceSummary,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { IAMClient, UntagRoleCommand } from '@aws-sdk/client-iam';
import { namesOf } from '../../functions/domain/names.ts';
import { expectDenial, SMOKE_TAG, type Smoke } from '../smoke.ts';
import type { SmokeStep } from '../step.ts';

export const STACK_SET_STEP: SmokeStep = {
  id: 'stack-set',
  proves:
    "StackSets brought the member role into the account and keep it up to date, and the service control policy lets an administrator of the account change neither the role nor the StackSet's stack",
  calls: [
    'cloudformation:ListStackInstances in the account of the rollout',
    "cloudformation:UpdateTerminationProtection (off, as it is) of the StackSet's stack in the member account: must be denied",
    'iam:UntagRole (of a tag that is not there) of the member role: must be denied',
  ],
  creates: [],
  async run(smoke) {
    const { StackId, Status, StackInstanceStatus } = await instanceOf(smoke);
    if (Status !== 'CURRENT')
      throw new Error(`The StackSet's instance in the account is ${Status}, ${StackInstanceStatus?.DetailedStatus}.`);
    const [config, names] = [smoke.config(smoke.member), namesOf(smoke.context)];
    const protection = { StackName: StackId, EnableTerminationProtection: false };
    await expectDenial("a change of the StackSet's stack by an administrator of the account", () =>
      new CloudFormationClient(config).send(new UpdateTerminationProtectionCommand(protection)),
    );
    await expectDenial('a change of the member role by an administrator of the account', () =>
      new IAMClient(config).send(new UntagRoleCommand({ RoleName: names.memberRole, TagKeys: [SMOKE_TAG.Key] })),
    );
    return ['the instance is CURRENT', 'both changes were denied'];
  },
};

async function instanceOf({ context, member, config }: Smoke): Promise<StackInstanceSummary> {
  const { rollout, homeRegion } = context;
  if (!rollout) throw new Error('cdk.json names no rollout, so that no StackSet can be examined.');
  const command = new ListStackInstancesCommand({
    StackSetName: namesOf(context).memberStackSet,
    StackInstanceAccount: member,
    CallAs: rollout.account === rollout.managementAccount ? 'SELF' : 'DELEGATED_ADMIN',
  });
  const { Summaries = [] } = await new CloudFormationClient(config(rollout.account)).send(command);
  const instance = Summaries.find(({ Region }) => Region === homeRegion) ?? Summaries[0];
  if (!instance) throw new Error(`The StackSet has no instance in ${member}. Choose an account of the units.`);
  return instance;
}
