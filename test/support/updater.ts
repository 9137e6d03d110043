/** The updater of security groups in a sandbox, with only the ledger and its roles beside it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateGetManagedPrefixListEntries,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetResourceShareAssociationsCommand, RAMClient } from '@aws-sdk/client-ram';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { IpRangesCommand } from '../../functions/domain/api-ip-ranges.ts';
import { dynamoIpRangesRequests } from '../../functions/ledger/ip-ranges-requests.ts';
import type { IpRangesRequest } from '../../functions/ports/ip-ranges-requests.ts';
import { IpRangesResult, type TargetAnswer } from '../../ip-ranges/contract/command.ts';
import { IP_RANGES_PARTITION, type IpRangesInput } from '../../ip-ranges/contract/targets.ts';
import { MANAGEMENT_ACCOUNT, organizationOptions, SAMPLE_MEMBERS } from '../../lab/organization/organization.ts';
import { type DeployedStack, deployAssembly, deployTemplate } from '../../sandbox/cloudformation/index.ts';
import { type ClientSettings, createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { AwsPlace, FaultRule, Kernel } from '../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { EC2 } from '../../sandbox/services/ec2/state.ts';
import { announceIpRanges, ipRangesDownloads, publishIpRanges } from '../../sandbox/services/ip-ranges/publication.ts';
import type { DownloadAnswer } from '../../sandbox/services/ip-ranges/state.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { ipRangesInstallation, otherAccounts } from '../../stacks/ip-ranges/context.ts';
import { ipRangesRoleTemplate } from '../../stacks/ip-ranges/member-role.ts';
import { addressesOf, type Interval, intersection } from './intervals.ts';
import { LEDGER_TABLE } from './names.ts';

/** The account of the first target in cdk.json, in the home Region. */
export const ORIGIN = '333333333333';
/** The account of the second target, which has a prefix list in eu-west-1. */
export const SHARED = '444444444444';

export const fixture = (name: string): Promise<string> =>
  readFile(new URL(`../fixtures/ip-ranges/${name}.json`, import.meta.url), 'utf8');

export const CALLS_THAT_CHANGE = [
  'CreateSecurityGroup',
  'DeleteSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'RevokeSecurityGroupEgress',
  'ModifyNetworkInterfaceAttribute',
  'SetSecurityGroups',
  'CreateManagedPrefixList',
  'ModifyManagedPrefixList',
];

const CODE = fileURLToPath(new URL('../../.build/bundles/ip-ranges', import.meta.url));

/** The failure of an invocation without further retries. */
export type UpdaterFailure = { condition: string; attempts: number; name: string; message: string };

/** Fields of the announcement that differ from what AWS sends. */
type AnnouncementFields = Readonly<Record<string, string | undefined>>;
type Targets = IpRangesInput['targets'];
type Row = { ip_prefix?: string; ipv6_prefix?: string; service: string };

export async function startUpdater(): Promise<Updater> {
  const context = await readCdkJsonContext();
  const { directory } = await assembly();
  const organization = organizationOptions(context, SAMPLE_MEMBERS, MANAGEMENT_ACCOUNT);
  const sandbox = await createSandbox({ organization, homeRegion: context.homeRegion });
  const { kernel } = sandbox;
  await deployLedger(kernel, directory, {
    partition: 'aws',
    account: context.securityAccount,
    region: context.homeRegion,
  });
  const [{ place }] = (await deployAssembly(kernel, directory, { memberAccounts: [], only: ['SutureIpRanges'] })) as [
    DeployedStack,
  ];
  const updater = new Updater(sandbox, context, place, directory);
  await updater.deployRoles(context);
  return updater;
}

export class Updater {
  readonly sandbox: Sandbox;
  readonly kernel: Kernel;
  readonly context: SutureContext;
  /** The account and Region of the function. */
  readonly place: AwsPlace;
  readonly #directory: string;

  constructor(sandbox: Sandbox, context: SutureContext, place: AwsPlace, directory: string) {
    this.sandbox = sandbox;
    this.kernel = sandbox.kernel;
    this.context = context;
    this.place = place;
    this.#directory = directory;
  }

  ec2(account = ORIGIN, region?: string): EC2Client {
    return new EC2Client(this.#home(account, region));
  }
  elb(account = ORIGIN, region?: string): ElasticLoadBalancingV2Client {
    return new ElasticLoadBalancingV2Client(this.#home(account, region));
  }

  /** Publishes a document, announces it, and waits until every invocation has ended. */
  async publishAndAnnounce(text: string, fields: AnnouncementFields = {}): Promise<void> {
    this.publish({ kind: 'document', text });
    await this.announce(text, fields);
  }
  /** Announces a document, whichever one is published, and waits until every invocation has ended. */
  async announce(text: string, fields: AnnouncementFields = {}): Promise<void> {
    await this.announceWithoutWaiting(text, fields);
    await this.sandbox.settled();
  }
  announceWithoutWaiting(text: string, fields: AnnouncementFields = {}) {
    return announceIpRanges(this.kernel, JSON.stringify({ ...announcementOf(text), ...fields }));
  }
  publish(...answers: DownloadAnswer[]) {
    return publishIpRanges(this.kernel, ...answers);
  }
  downloads() {
    return ipRangesDownloads(this.kernel);
  }

  /** Deploys the stack with other targets, as an operator does who has changed cdk.json. */
  async configure(change: (targets: Targets) => Targets): Promise<void> {
    const changed = await this.#template();
    for (const { Type, Properties } of Object.values<any>(changed.Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { Variables } = Properties.Environment;
      Variables.IP_RANGES = JSON.stringify({ targets: change(JSON.parse(Variables.IP_RANGES).targets) });
    }
    const assets = new Map(
      Object.values<any>(changed.Resources)
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties }) => [Properties.Code.S3Key, CODE] as const),
    );
    await deployTemplate(this.kernel, this.place, 'SutureIpRanges', changed, { assets });
  }

  /** Deploys all stacks with other names of targets, by those in cdk.json, and with the names as prefixes. */
  async rename(names: ReadonlyMap<string, string>): Promise<void> {
    await this.configure((targets) =>
      targets.map((target) => {
        const name = names.get(target.name!);
        return name ? { ...target, name, prefixName: name } : target;
      }),
    );
    const { ipRanges } = this.context;
    const targets = ipRanges!.targets!.map((target) => {
      const name = names.get(target.name as string);
      return name ? { ...target, name, prefixName: name } : target;
    });
    await this.deployRoles({ ...this.context, ipRanges: { ...ipRanges!, targets } });
  }

  /** Deploys the roles of a context's targets, as StackSets do. */
  async deployRoles(context: SutureContext): Promise<void> {
    const { targets } = ipRangesInstallation(context)!;
    for (const account of otherAccounts(context, targets)) {
      const own = targets.filter((target) => target.account === account);
      const template = JSON.parse(ipRangesRoleTemplate({ context, account, targets: own }));
      const at = { partition: 'aws', account, region: context.homeRegion };
      await deployTemplate(this.kernel, at, 'SutureIpRangesRole', template);
    }
  }

  /** Stores a request and invokes the function with its id, as the API does. @throws Error with the function's error */
  async command(command: IpRangesCommand, more: Partial<IpRangesRequest> = {}): Promise<TargetAnswer[]> {
    const { account, region } = this.place;
    const now = () => this.kernel.clock.now();
    const requests = dynamoIpRangesRequests(LEDGER_TABLE, new DynamoDBClient(this.#home(account)), now);
    const id = this.kernel.id('', 12);
    const at = new Date(now()).toISOString();
    await requests.add({ id, at, by: 'a test', reason: '', command, ...more });
    const Payload = JSON.stringify({ request: id });
    const lambda = new LambdaClient(this.#home(account, region));
    await lambda.send(new InvokeCommand({ FunctionName: 'suture-ip-ranges', InvocationType: 'Event', Payload }));
    await this.sandbox.settled();
    const result = IpRangesResult.parse((await requests.find(id))!.result);
    if ('error' in result) throw Object.assign(new Error(result.error.message), { name: result.error.name });
    return result.targets;
  }

  /** Injects these faults while `work` runs. */
  async withFaults(faults: readonly FaultRule[], work: () => Promise<void>): Promise<void> {
    this.kernel.faults.push(...faults);
    try {
      await work();
    } finally {
      for (const fault of faults) this.kernel.faults.splice(this.kernel.faults.indexOf(fault), 1);
    }
  }

  /** Groups of a VPC besides its default one, in the order of their names. */
  async groups(account = ORIGIN, region?: string) {
    const { SecurityGroups = [] } = await this.ec2(account, region).send(new DescribeSecurityGroupsCommand({}));
    const groups = SecurityGroups.filter(({ GroupName }) => GroupName !== 'default');
    return groups.sort((a, b) => a.GroupName!.localeCompare(b.GroupName!));
  }

  /** Inbound rules of a group, or of all of them: `tcp 443 192.0.2.0/24`. */
  async rules(groupId?: string, account = ORIGIN): Promise<string[]> {
    const Filters = groupId ? [{ Name: 'group-id', Values: [groupId] }] : undefined;
    const found = await this.ec2(account).send(new DescribeSecurityGroupRulesCommand({ Filters }));
    return found
      .SecurityGroupRules!.filter(({ IsEgress, CidrIpv4, CidrIpv6 }) => !IsEgress && (CidrIpv4 ?? CidrIpv6))
      .map(({ IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6 }) =>
        [IpProtocol, FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`, CidrIpv4 ?? CidrIpv6].join(' '),
      )
      .sort();
  }

  /** The addresses that are let in at these ports, by all groups together. */
  async letIn(ports = 'tcp 443'): Promise<Addresses> {
    const cidrs = (await this.rules())
      .filter((rule) => rule.startsWith(`${ports} `))
      .map((rule) => rule.split(' ')[2]!);
    return addresses(cidrs);
  }

  /** The same, read from the sandbox's state without a call. */
  letInNow(ports = 'tcp 443'): Addresses {
    const { rules } = this.kernel.state(EC2, { partition: 'aws', account: ORIGIN, region: this.context.homeRegion });
    const [protocol, port] = ports.split(' ');
    const matching = [...rules.values()].filter((rule) => rule.protocol === protocol && String(rule.from) === port);
    return addresses(
      matching.flatMap(({ peer, direction }) => ('cidr' in peer && direction === 'ingress' ? peer.cidr : [])),
    );
  }

  /** The addresses in the prefix lists of the second target. */
  async inLists(): Promise<Addresses> {
    const ec2 = this.ec2(SHARED, 'eu-west-1');
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({}));
    const cidrs: string[] = [];
    for (const { PrefixListId } of PrefixLists!)
      for await (const page of paginateGetManagedPrefixListEntries({ client: ec2 }, { PrefixListId }))
        cidrs.push(...page.Entries!.map(({ Cidr }) => Cidr!));
    return addresses(cidrs);
  }
  async listsSeenIn(account: string, region: string): Promise<string[]> {
    const { PrefixLists } = await this.ec2(account, region).send(new DescribeManagedPrefixListsCommand({}));
    return PrefixLists!.map(({ PrefixListArn }) => PrefixListArn!).sort();
  }

  /** Accounts with which the second target's lists are shared. */
  async sharedWith(): Promise<string[]> {
    const ram = new RAMClient(this.#home(SHARED, 'eu-west-1'));
    const { resourceShareAssociations } = await ram.send(
      new GetResourceShareAssociationsCommand({ associationType: 'PRINCIPAL' }),
    );
    return [...new Set(resourceShareAssociations!.map(({ associatedEntity }) => associatedEntity!))].sort();
  }

  /** Revokes all inbound rules of a group, as a person may do. */
  async revokeAll(GroupId: string): Promise<void> {
    const ec2 = this.ec2();
    const Filters = [{ Name: 'group-id', Values: [GroupId] }];
    const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    const SecurityGroupRuleIds = SecurityGroupRules!
      .filter(({ IsEgress }) => !IsEgress)
      .map(({ SecurityGroupRuleId }) => SecurityGroupRuleId!);
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds }));
  }

  async vpc(account = ORIGIN, region?: string): Promise<{ id: string; subnets: string[] }> {
    const ec2 = this.ec2(account, region);
    const Filters = [{ Name: 'is-default', Values: ['true'] }];
    const id = (await ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs![0]!.VpcId!;
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [id] }] }));
    return { id, subnets: Subnets!.map(({ SubnetId }) => SubnetId!) };
  }

  /** Ids of the groups on an interface. */
  async groupsOn(interfaceId: string): Promise<string[]> {
    const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [interfaceId] });
    return (await this.ec2().send(command)).NetworkInterfaces![0]!.Groups!.map(({ GroupId }) => GroupId!);
  }

  /** Returns the updater's items of the ledger by sort key. */
  async ledger() {
    const query = new QueryCommand({
      TableName: LEDGER_TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: IP_RANGES_PARTITION } },
      ConsistentRead: true,
    });
    const { Items = [] } = await new DynamoDBClient(this.#home(this.context.securityAccount)).send(query);
    return new Map(Items.map((item) => [item.sk!.S!, item]));
  }

  /** Receives and deletes the messages of the failure queue, oldest first. */
  async failures(): Promise<UpdaterFailure[]> {
    const sqs = new SQSClient(this.#home(this.place.account, this.place.region));
    const QueueUrl = `${this.kernel.endpoint}/${this.place.account}/suture-ip-ranges-failed`;
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.map(({ Body }) => {
      const { requestContext, responsePayload } = JSON.parse(Body!);
      const { condition, approximateInvokeCount: attempts } = requestContext;
      return { condition, attempts, name: responsePayload.errorType, message: responsePayload.errorMessage };
    });
  }

  /** Metrics that the function wrote under this name, oldest first. */
  metrics(name: string): number[] {
    return this.metricDocuments(name).map((line) => line[name]);
  }
  metricDocuments(name: string): any[] {
    return this.#documents().filter((line) => '_aws' in line && name in line);
  }
  /** Origins of the function's requests, besides AWS's APIs. */
  reached() {
    return [...new Set(ipRangesDownloads(this.kernel).map(({ origin }) => origin))];
  }
  /** Whether any invocation timed out. */
  timedOut() {
    return functionLogs(this.kernel).some(({ line }) => line.includes('Sandbox.Timedout'));
  }
  /** Lines that the function logged, parsed. */
  logged() {
    return this.#documents().filter((line) => !('_aws' in line));
  }
  async alarm(name: string) {
    const cloudWatch = new CloudWatchClient(this.#home(this.place.account, this.place.region));
    return (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms![0]!;
  }

  /** Calls that change something, made while `work` ran. */
  async changesDuring(work: () => Promise<void>): Promise<{ operation: string; error: string | null }[]> {
    const before = this.kernel.calls.length;
    await work();
    return this.kernel.calls
      .slice(before)
      .filter(({ operation, role }) => role && CALLS_THAT_CHANGE.includes(operation))
      .map(({ operation, error }) => ({ operation, error }));
  }

  #home(account: string, region = this.context.homeRegion): ClientSettings {
    return this.sandbox.administrator(account, region);
  }
  async #template() {
    return JSON.parse(await readFile(`${this.#directory}/SutureIpRanges.template.json`, 'utf8'));
  }
  #documents(): any[] {
    return functionLogs(this.kernel)
      .filter(({ functionName, line }) => functionName === 'suture-ip-ranges' && line.startsWith('{'))
      .map(({ line }) => JSON.parse(line));
  }
}

/** Deploys only the ledger and its key of the security account's stacks. */
async function deployLedger(kernel: Kernel, directory: string, place: AwsPlace): Promise<void> {
  const templateOf = async (stack: string) => JSON.parse(await readFile(`${directory}/${stack}.template.json`, 'utf8'));
  const { Resources, Outputs } = await templateOf('SuturePolicy');
  const keys = Object.entries<any>(Resources).filter(([, { Type }]) => Type.startsWith('AWS::KMS::'));
  const keyOutputs = Object.entries<any>(Outputs).filter(([name]) => name.startsWith('ExportsOutputFnGetAttKey'));
  const onlyKeys = { Resources: Object.fromEntries(keys), Outputs: Object.fromEntries(keyOutputs) };
  await deployTemplate(kernel, place, 'SuturePolicy', onlyKeys);
  await deployTemplate(kernel, place, 'SutureLedger', await templateOf('SutureLedger'));
}

export type Addresses = { readonly v4: readonly Interval[]; readonly v6: readonly Interval[] };

/** The addresses that a document publishes for a service. */
export function published(text: string, service = 'CLOUDFRONT_ORIGIN_FACING'): Addresses {
  const { prefixes, ipv6_prefixes }: { prefixes: Row[]; ipv6_prefixes: Row[] } = JSON.parse(text);
  const rows = [...prefixes, ...ipv6_prefixes].filter((row) => row.service === service);
  return addresses(rows.map(({ ip_prefix, ipv6_prefix }) => (ip_prefix ?? ipv6_prefix)!));
}

/** Whether every address is still let in that was before and is wanted now. */
export const stillLetIn = (held: Addresses, before: Addresses, wanted: Addresses): boolean =>
  (['v4', 'v6'] as const).every((family) =>
    intersection(before[family], wanted[family]).every(([first, last]) =>
      held[family].some(([from, to]) => from <= first && last <= to),
    ),
  );

const addresses = (cidrs: readonly string[]): Addresses => ({
  v4: addressesOf(cidrs.filter((cidr) => !cidr.includes(':'))),
  v6: addressesOf(cidrs.filter((cidr) => cidr.includes(':'))),
});

/** Returns the announcement as AWS sends it. https://docs.aws.amazon.com/vpc/latest/userguide/subscribe-notifications.html */
const announcementOf = (text: string) => ({
  'create-time': '2026-11-22T00:00:00+00:00',
  synctoken: String(/"syncToken":\s*"(\d+)"/.exec(text)?.[1] ?? '0'),
  md5: createHash('md5').update(text).digest('hex'),
  url: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
});
