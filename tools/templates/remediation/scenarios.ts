import { CreateSecurityGroupCommand, CreateTagsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { Resource } from '../../../functions/contract/remediation.ts';
import { defineCases, type Where } from '../../../functions/contract/scenario.ts';
import verbThing from './index.ts';

export default defineCases(verbThing, {
  faulty: ({ ec2 }, where) => securityGroup(ec2, where),
  cases: {
    'nobody is named': { then: 'FIXED' },
    'policy says whom to name': { params: { owner: 'network-team' }, then: 'FIXED' },
    'somebody is named already': {
      arrange: ({ ec2 }, where) => securityGroup(ec2, where, 'payments-team'),
      then: 'COMPLIANT',
    },
    'the group is gone': {
      arrange: async (_, where) => groupResource(where, 'sg-0123456789abcdef0'),
      then: 'COMPLIANT',
    },
  },
});

async function securityGroup(ec2: EC2Client, where: Where<unknown>, owner?: string): Promise<Resource> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: where.name, Description: 'made for a case' }),
  );
  const Tags = [{ Key: 'owner', Value: owner }];
  if (owner) await ec2.send(new CreateTagsCommand({ Resources: [GroupId!], Tags }));
  return groupResource(where, GroupId!);
}

const groupResource = ({ partition, region, account }: Where<unknown>, groupId: string): Resource => ({
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:${partition}:ec2:${region}:${account}:security-group/${groupId}`,
  Partition: partition,
  Region: region,
});
