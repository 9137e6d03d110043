import { CreateSecurityGroupCommand, CreateTagsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { FindingResource } from '../../../functions/contract/remediation.ts';
import { defineScenarios, type ScenarioContext } from '../../../functions/contract/scenario.ts';
import verbThing from './index.ts';

export default defineScenarios(verbThing, {
  faulty: ({ ec2 }, context) => securityGroup(ec2, context),
  scenarios: {
    'no owner is named': { expected: 'FIXED' },
    'policy names the owner': { params: { owner: 'network-team' }, expected: 'FIXED' },
    'an owner is named already': {
      arrange: ({ ec2 }, context) => securityGroup(ec2, context, 'payments-team'),
      expected: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, context) => groupResource(context, 'sg-0123456789abcdef0'),
      expected: 'COMPLIANT',
    },
  },
});

async function securityGroup(
  ec2: EC2Client,
  context: ScenarioContext<unknown>,
  owner?: string,
): Promise<FindingResource> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: context.name, Description: 'for a scenario' }),
  );
  const Tags = [{ Key: 'owner', Value: owner }];
  if (owner) await ec2.send(new CreateTagsCommand({ Resources: [GroupId!], Tags }));
  return groupResource(context, GroupId!);
}

const groupResource = ({ partition, region, account }: ScenarioContext<unknown>, groupId: string): FindingResource => ({
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:${partition}:ec2:${region}:${account}:security-group/${groupId}`,
  Partition: partition,
  Region: region,
});
