/**
 * A finding of Security Hub from its rule to the fix. Nothing uses the security group, so that nobody can reach
 * anything.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { type AwsSecurityFinding, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { namesOf } from '../../functions/domain/names.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import { NotYet, SMOKE_TAG, type Smoke, smokeName, waitFor } from '../smoke.ts';
import type { SmokeCreation, SmokeStep } from '../step.ts';

const CONTROL = 'EC2.13';
const SSH = 22;
/**
 * Config evaluates a changed group within minutes, and Security Hub reports it within minutes more.
 * https://docs.aws.amazon.com/config/latest/developerguide/restricted-ssh.html
 */
const FINDING_MINUTES = 60;
const FIX_MINUTES = 15;

const ec2Of = ({ config, member }: Smoke) => new EC2Client(config(member));

const GROUP: SmokeCreation = {
  what: 'security group suture-smoke in the default VPC of the member account and home Region, with SSH open to the internet, which nothing uses',
  async remove(smoke) {
    for (const { GroupId } of await groupsOfRuns(smoke))
      await ec2Of(smoke).send(new DeleteSecurityGroupCommand({ GroupId }));
  },
};

export const RULE_TO_FIX_STEP: SmokeStep = {
  id: 'rule-to-fix',
  proves: `a finding of Security Hub (${CONTROL}) passes rule, workflow, proxy and invoker role to the remediation, which reads the policy, fixes the resource through the member role, and reports it in ledger and Security Hub`,
  calls: [
    'ec2:CreateSecurityGroup and ec2:AuthorizeSecurityGroupIngress in the member account',
    'securityhub:GetFindings and dynamodb:GetItem of the ledger until the finding has ended',
    'ec2:DescribeSecurityGroupRules',
  ],
  creates: [GROUP],
  async run(smoke) {
    const group = await createOpenGroup(smoke);
    const created = smoke.now();
    const finding = await waitFor(smoke, `Security Hub's finding of ${CONTROL}`, FINDING_MINUTES, () =>
      findingOf(smoke, group),
    );
    const found = smoke.now();
    const { ofStatus, reason } = await waitFor(smoke, 'the end of its execution', FIX_MINUTES, () =>
      endedRecord(smoke, finding.Id!),
    );
    if (ofStatus !== 'FIXED')
      throw new Error(
        `The finding ended as ${ofStatus}: ${reason}. The step needs the mode auto for ${CONTROL} in the member account.`,
      );
    if (await isOpen(smoke, group)) throw new Error('The ledger says FIXED, but SSH is still open to the internet.');
    const [waited, fixed] = [found - created, smoke.now() - found].map((time) => Math.round(time / 1000));
    return [`Security Hub had the finding after ${waited} s`, `it was fixed ${fixed} s later`];
  },
};

/** Returns the groups with the name and the tag: without the tag, a group of the same name is not ours. */
async function groupsOfRuns(smoke: Smoke): Promise<readonly SecurityGroup[]> {
  const Filters = [
    { Name: 'group-name', Values: [smokeName(smoke)] },
    { Name: `tag:${SMOKE_TAG.Key}`, Values: [SMOKE_TAG.Value] },
  ];
  const { SecurityGroups = [] } = await ec2Of(smoke).send(new DescribeSecurityGroupsCommand({ Filters }));
  return SecurityGroups;
}

async function createOpenGroup(smoke: Smoke): Promise<string> {
  const ec2 = ec2Of(smoke);
  const { Vpcs = [] } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
  );
  if (Vpcs.length === 0)
    throw new Error(
      `The member account ${smoke.member} has no default VPC in ${smoke.context.homeRegion}: choose another account.`,
    );
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: smokeName(smoke),
      Description: 'Of npm run smoke:aws, which removes it',
      VpcId: Vpcs[0]!.VpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [SMOKE_TAG] }],
    }),
  );
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: SSH, ToPort: SSH, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  return GroupId!;
}

async function findingOf(smoke: Smoke, group: string): Promise<AwsSecurityFinding> {
  const { config, context, member } = smoke;
  const is = (Value: string) => [{ Value, Comparison: 'EQUALS' as const }];
  const { partition, homeRegion, securityAccount } = context;
  const Filters = {
    ComplianceSecurityControlId: is(CONTROL),
    ResourceId: is(`arn:${partition}:ec2:${homeRegion}:${member}:security-group/${group}`),
  };
  const securityHub = new SecurityHubClient(config(securityAccount));
  const { Findings: [finding] = [] } = await securityHub.send(new GetFindingsCommand({ Filters }));
  if (!finding)
    throw new NotYet(`Security Hub has none. ${CONTROL} must be enabled in the account, and Config must record there.`);
  // Config may have evaluated the group before it was opened.
  if (finding.Compliance?.Status === 'PASSED' && (await isOpen(smoke, group))) throw new NotYet('it says PASSED');
  return finding;
}

async function endedRecord({ config, context }: Smoke, findingId: string): Promise<LedgerRecord> {
  const dynamo = new DynamoDBClient(config(context.securityAccount));
  const record = await ledgerQueries(namesOf(context).ledgerTable, dynamo).record(findingId);
  if (!record) throw new NotYet('the ledger does not have the finding');
  if (record.ofStatus === 'OPEN') throw new NotYet('its execution has not ended');
  return record;
}

async function isOpen(smoke: Smoke, group: string): Promise<boolean> {
  const Filters = [{ Name: 'group-id', Values: [group] }];
  const { SecurityGroupRules = [] } = await ec2Of(smoke).send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.some(({ IsEgress, FromPort }) => !IsEgress && FromPort === SSH);
}
