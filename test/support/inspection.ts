/** Reads the actual state: of member accounts, ledger and journal, Security Hub, and the functions' logs. */
import { type AttributeValue, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupRulesCommand, EC2Client, GetEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import type { Job } from '../../functions/domain/job.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { LedgerQueries } from '../../functions/ports/ledger-queries.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { type ControlFinding, journalKeyOf } from '../../lab/organization/finding.ts';
import type { RunningOrganization } from '../../lab/organization/organization.ts';
import type { ClientSettings, Sandbox } from '../../sandbox/index.ts';
import type { CallRecord, Kernel } from '../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { findingById } from '../../sandbox/services/securityhub/simulation.ts';
import type { Assembly } from '../../stacks/assembly.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { JOURNAL_TABLE, LEDGER_TABLE } from './names.ts';

export type HistoryItem = { readonly outcome: string; readonly job: Job };
export type JournalItem = {
  readonly key: string;
  readonly at: string;
  readonly status: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly execution: string;
};

/** A running organization, with what tests read of it. */
export class InspectedOrganization implements RunningOrganization {
  readonly sandbox: Sandbox;
  readonly kernel: Kernel;
  readonly context: SutureContext;
  readonly synthesized: Assembly;

  constructor({ sandbox, context, synthesized }: RunningOrganization) {
    this.sandbox = sandbox;
    this.kernel = sandbox.kernel;
    this.context = context;
    this.synthesized = synthesized;
  }

  /** Its credentials expire after an hour of the clock. */
  securityAdministrator(): ClientSettings {
    return this.sandbox.administrator(this.context.securityAccount);
  }

  ledger(): LedgerQueries {
    return ledgerQueries(LEDGER_TABLE, new DynamoDBClient(this.securityAdministrator()));
  }

  /** How the finding's executions ended, oldest first. */
  async outcomes({ Id }: { readonly Id: string }): Promise<string[]> {
    return (await this.history(Id)).map(({ outcome }) => outcome);
  }

  async history(findingId: string): Promise<HistoryItem[]> {
    const items = await this.#itemsOf(this.context.securityAccount, LEDGER_TABLE, `finding#${findingId}`);
    return items
      .filter(({ sk }) => sk!.S!.startsWith('history#'))
      .map((item) => ({ outcome: item.outcome!.S!, job: JSON.parse(item.job!.S!) }));
  }

  async journal(remediation: string, finding: ControlFinding): Promise<JournalItem[]> {
    const module = REMEDIATIONS.find(({ id }) => id === remediation)!;
    const items = await this.#itemsOf(this.context.serviceAccount, JOURNAL_TABLE, journalKeyOf(module, finding));
    return items.map(({ status, entry }) => ({ ...JSON.parse(entry!.S!), status: status!.S! }));
  }

  /** Inbound rules of the finding's group, such as `tcp 22 from 0.0.0.0/0`. */
  async inbound({ AwsAccountId, Region, Resources }: ControlFinding): Promise<string[]> {
    const ec2 = new EC2Client(this.sandbox.administrator(AwsAccountId, Region));
    const group = { Name: 'group-id', Values: [groupIdOf(Resources[0]!)] };
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [group] }));
    return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)
      .map(({ IpProtocol, FromPort, CidrIpv4, CidrIpv6 }) => `${IpProtocol} ${FromPort} from ${CidrIpv4 ?? CidrIpv6}`)
      .sort();
  }

  async encryptsVolumes(account: string, region: string): Promise<boolean | undefined> {
    const ec2 = new EC2Client(this.sandbox.administrator(account, region));
    return (await ec2.send(new GetEbsEncryptionByDefaultCommand({}))).EbsEncryptionByDefault;
  }

  securityHub({ Id }: ControlFinding): { status: string | undefined; note: string | undefined } {
    const finding = findingById(this.kernel, Id);
    return { status: finding?.Workflow?.Status, note: finding?.Note?.Text };
  }

  /** Calls with the execution's source identity, AssumeRole included, in order. */
  callsOf(execution: string): CallRecord[] {
    return this.kernel.calls.filter((call) => call.sourceIdentity === sourceIdentity(execution));
  }

  /** Metric documents that functions logged, oldest first. */
  metrics(name: string): Record<string, unknown>[] {
    return functionLogs(this.kernel).flatMap(({ line }) => {
      const document = line.startsWith('{') ? JSON.parse(line) : {};
      return '_aws' in document && name in document ? [document] : [];
    });
  }

  async #itemsOf(account: string, TableName: string, pk: string): Promise<Record<string, AttributeValue>[]> {
    const query = new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    });
    return (await new DynamoDBClient(this.sandbox.administrator(account)).send(query)).Items ?? [];
  }
}

export const groupIdOf = ({ Id }: { readonly Id: string }): string => Id.slice(Id.indexOf('/') + 1);
