import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { triageFor } from '../../../lab/organization/triage.ts';
import { FaultyResources } from '../../../lab/simulate/faulty-resources.ts';
import { automaticPolicy } from '../../../lab/simulate/policy.ts';
import { createSandbox } from '../../../sandbox/index.ts';
import { readCdkJsonContext } from '../../../stacks/context.ts';

const ACCOUNT = '333333333333';
const REGION = 'us-east-1';

it('makes more resources of one account faulty at once than the quotas of their service allow', async () => {
  const sandbox = await createSandbox({
    organization: {
      id: 'o-simulation1',
      managementAccount: '999999999999',
      accounts: ['999999999999', ACCOUNT].map((id) => ({ id, name: id })),
    },
    homeRegion: REGION,
  });
  const at = new Date(sandbox.kernel.clock.now());
  const context = await readCdkJsonContext();
  const triage = triageFor(context, automaticPolicy(REMEDIATIONS), [ACCOUNT], at);
  const resources = new FaultyResources(sandbox);
  const problems: (string | undefined)[] = [];
  for (let n = 0; n < 60; n++) {
    const group = `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-${n.toString(16).padStart(17, '0')}`;
    const resource = { Type: 'AwsEc2SecurityGroup', Id: group, Partition: 'aws', Region: REGION };
    const finding = controlFinding({
      control: 'EC2.13',
      account: ACCOUNT,
      region: REGION,
      resource,
      name: String(n),
      at,
    });
    const event = {
      id: 'event',
      'detail-type': 'Security Hub Findings - Imported',
      source: 'aws.securityhub',
      account: context.securityAccount,
      region: context.homeRegion,
      detail: { findings: [finding] },
    };
    const verdict = triage(event, finding)!;
    problems.push(await resources.add({ finding: verdict.finding, work: verdict.work! }));
  }
  const ec2 = new EC2Client(sandbox.administrator(ACCOUNT, REGION));
  const groups = (await ec2.send(new DescribeSecurityGroupsCommand())).SecurityGroups!;
  expect(problems.filter(Boolean)).toEqual([]);
  expect(groups.filter(({ IpPermissions }) => IpPermissions!.some(({ FromPort }) => FromPort === 22))).toHaveLength(60);
  await sandbox.close();
});
