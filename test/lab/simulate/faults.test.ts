import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { sampleContext } from '../../../lab/organization/organization.ts';
import { judgeFor } from '../../../lab/organization/verdict.ts';
import { faultsIn } from '../../../lab/simulate/faults.ts';
import { everything } from '../../../lab/simulate/policy.ts';
import { createSandbox } from '../../../sandbox/index.ts';

const account = '333333333333';
const region = 'us-east-1';

it('makes more resources of one account faulty at once than the quotas of their service let through', async () => {
  const sandbox = await createSandbox({
    organization: {
      id: 'o-simulation1',
      managementAccount: '999999999999',
      accounts: ['999999999999', account].map((id) => ({ id, name: id })),
    },
    homeRegion: region,
  });
  const at = new Date(sandbox.kernel.clock.now());
  const context = await sampleContext();
  const judge = judgeFor(context, everything(remediations), [account], at);
  const faults = faultsIn(sandbox);
  const hindrances: (string | undefined)[] = [];
  for (let n = 0; n < 60; n++) {
    const group = `arn:aws:ec2:${region}:${account}:security-group/sg-${n.toString(16).padStart(17, '0')}`;
    const resource = { Type: 'AwsEc2SecurityGroup', Id: group, Partition: 'aws', Region: region };
    const finding = controlFinding({ control: 'EC2.13', account, region, resource, name: String(n), at });
    const event = {
      id: 'event',
      'detail-type': 'Security Hub Findings - Imported',
      source: 'aws.securityhub',
      account: context.securityAccount,
      region: context.homeRegion,
      detail: { findings: [finding] },
    };
    const verdict = judge(event, finding)!;
    hindrances.push(await faults.make({ finding: verdict.finding, work: verdict.work! }));
  }
  const ec2 = new EC2Client(sandbox.administrator(account, region));
  const groups = (await ec2.send(new DescribeSecurityGroupsCommand())).SecurityGroups!;
  expect(hindrances.filter(Boolean)).toEqual([]);
  expect(groups.filter(({ IpPermissions }) => IpPermissions!.some(({ FromPort }) => FromPort === 22))).toHaveLength(60);
  await sandbox.close();
});
