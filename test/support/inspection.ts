/** Reads the actual state: of member accounts, ledger and journal, Security Hub, and the functions' logs. */
import { type AttributeValue, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupRulesCommand, EC2Client, GetEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import type { Job } from '../../functions/domain/job.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { RunningOrganization } from '../../lab/organization/organization.ts';
import type { CallRecord } from '../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { findingById } from '../../sandbox/services/securityhub/simulation.ts';
import { JOURNAL_TABLE, LEDGER_TABLE } from '../../stacks/names.ts';

/** One line of a finding's history in the ledger. */
export type HistoryItem = { readonly outcome: string; readonly job: Job };
export type JournalItem = {
  readonly status: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly execution: string;
};

export function inspectOrganization({ sandbox, context }: RunningOrganization) {
  const { securityAccount, serviceAccount } = context;

  async function itemsOf(account: string, TableName: string, pk: string): Promise<Record<string, AttributeValue>[]> {
    const query = new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    });
    return (await new DynamoDBClient(sandbox.administrator(account)).send(query)).Items ?? [];
  }

  return {
    /** Returns the history of a finding in the ledger, oldest first. */
    async history(findingId: string): Promise<HistoryItem[]> {
      const items = await itemsOf(securityAccount, LEDGER_TABLE, `finding#${findingId}`);
      return items
        .filter(({ sk }) => sk!.S!.startsWith('history#'))
        .map((item) => ({ outcome: item.outcome!.S!, job: JSON.parse(item.job!.S!) }));
    },

    /** Returns the journal's entries of a change, oldest first. */
    async journal(remediation: string, { Id }: ControlFinding): Promise<JournalItem[]> {
      const items = await itemsOf(serviceAccount, JOURNAL_TABLE, `${remediation}#${Id}`);
      return items.map(({ status, entry }) => ({ ...JSON.parse(entry!.S!), status: status!.S! }));
    },

    /** Returns the inbound rules of the finding's security group, such as `tcp 22 from 0.0.0.0/0`. */
    async inbound({ AwsAccountId, Region, Resources }: ControlFinding): Promise<string[]> {
      const ec2 = new EC2Client(sandbox.administrator(AwsAccountId, Region));
      const group = { Name: 'group-id', Values: [groupIdOf(Resources[0]!)] };
      const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [group] }));
      return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)
        .map(({ IpProtocol, FromPort, CidrIpv4, CidrIpv6 }) => `${IpProtocol} ${FromPort} from ${CidrIpv4 ?? CidrIpv6}`)
        .sort();
    },

    async encryptsVolumes(account: string, region: string): Promise<boolean | undefined> {
      const ec2 = new EC2Client(sandbox.administrator(account, region));
      return (await ec2.send(new GetEbsEncryptionByDefaultCommand({}))).EbsEncryptionByDefault;
    },

    /** Returns the finding's workflow status and note in Security Hub. */
    securityHub({ Id }: ControlFinding): { status: string | undefined; note: string | undefined } {
      const finding = findingById(sandbox.kernel, Id);
      return { status: finding?.Workflow?.Status, note: finding?.Note?.Text };
    },

    /** Returns every call with the execution's source identity, AssumeRole included, in order. */
    callsOf: (execution: string): CallRecord[] =>
      sandbox.kernel.calls.filter((call) => call.sourceIdentity === sourceIdentity(execution)),

    /** Returns the metrics that functions wrote under this name, with their dimensions and other members, oldest first. */
    metrics: (name: string): Record<string, unknown>[] =>
      functionLogs(sandbox.kernel).flatMap(({ line }) => {
        const document = line.startsWith('{') ? JSON.parse(line) : {};
        return '_aws' in document && name in document ? [document] : [];
      }),
  };
}

export const groupIdOf = ({ Id }: { readonly Id: string }): string => Id.slice(Id.indexOf('/') + 1);
