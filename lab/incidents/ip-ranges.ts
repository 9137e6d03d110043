/** Incidents of the chapter "IP ranges". */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DeleteNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { sutureApi } from '../../cli/clients/api.ts';
import { ipRangesApplyCommand } from '../../cli/commands/ip-ranges/apply.ts';
import { ipRangesRemoveCommand } from '../../cli/commands/ip-ranges/remove.ts';
import { announceIpRanges, publishIpRanges } from '../../sandbox/services/ip-ranges/publication.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { deployInOrder, withTemplate } from '../organization/upgrade.ts';
import { noMessages } from './end-conditions.ts';
import type { Incident } from './incident.ts';
import { allEnds, type IncidentEnd, MINUTE_MS } from './incident-end.ts';
import { type IncidentLab, SHOP } from './incident-lab.ts';

const NAME = 'ip-ranges';
/** The target in cdk.json whose groups are in the account of the shop. */
const TARGET = 'shop-origin';

export const IP_RANGES_INCIDENTS: readonly Incident[] = [
  {
    name: 'ip-ranges-errors',
    symptom: 'security groups do not get the published ranges',
    alarmsAt: 'ip-ranges',
    async trigger(lab) {
      const end = await denyMemberRoles(lab);
      await runUpdater(lab);
      return end;
    },
  },
  {
    name: 'ip-ranges-failed',
    symptom: 'a notification of new ranges was not processed',
    alarms: ['ip-ranges-failed', 'ip-ranges-errors'],
    alarmsAt: 'ip-ranges',
    async trigger(lab) {
      const end = await denyMemberRoles(lab);
      await publish(lab, documentOf(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '233.252.0.0/24']));
      return allEnds(
        end,
        noMessages(lab, 'ip-ranges-failed', () => updaterSettings(lab)),
      );
    },
  },
  {
    name: 'ip-ranges-refused',
    symptom: 'a document was applied only in part',
    alarmsAt: 'ip-ranges',
    async trigger(lab) {
      await publish(lab, documentOf(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24']));
      await publish(lab, documentOf(['192.0.2.0/24']));
      return {
        isOver: async () => !(await isAllowed(lab, '203.0.113.0/24')),
        resolve: async () => apply(lab, { allowShrink: true }),
      };
    },
  },
  {
    name: 'ip-ranges-targets-failed',
    symptom: 'one target does not get all ranges of the document',
    alarmsAt: 'ip-ranges',
    async trigger(lab) {
      await runUpdater(lab);
      const end = await fillInterface(lab);
      await publish(lab, documentOf(Array.from({ length: 70 }, (_, n) => `198.18.${n}.0/24`)));
      return end;
    },
  },
  {
    name: 'ip-ranges-orphans',
    symptom: 'a target has left something behind',
    alarmsAt: 'ip-ranges',
    async trigger(lab) {
      await runUpdater(lab);
      await renameTarget(lab, TARGET, 'shop');
      await runUpdater(lab);
      return {
        isOver: async () => (await groupsOf(lab, TARGET)).length === 0,
        resolve: async () => remove(lab),
      };
    },
  },
];

const updaterRegion = ({ context }: IncidentLab): string => String(context.ipRanges!.region);
const updaterSettings = (lab: IncidentLab) =>
  lab.sandbox.administrator(lab.context.securityAccount, updaterRegion(lab));
const ec2Of = (lab: IncidentLab) => new EC2Client(lab.sandbox.administrator(SHOP));

const denyMemberRoles = (lab: IncidentLab): Promise<IncidentEnd> =>
  lab.deny({ account: lab.context.securityAccount, name: LAB_NAMES.function(NAME) }, 'sts:AssumeRole');

/** Runs the updater as its schedule does, with Lambda's two retries. */
async function runUpdater(lab: IncidentLab): Promise<void> {
  const input = { FunctionName: LAB_NAMES.function(NAME), InvocationType: 'Event', Payload: '{}' } as const;
  await new LambdaClient(updaterSettings(lab)).send(new InvokeCommand(input));
  await lab.settle();
}

/** Returns a function that writes a document of one service's IPv4 ranges, newer than the one before. */
const documentOf = (prefixes: readonly string[]) => (now: number) => {
  const row = { region: 'GLOBAL', network_border_group: 'GLOBAL', service: 'CLOUDFRONT_ORIGIN_FACING' };
  const createDate = new Date(now).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '-');
  return JSON.stringify({
    ...{ syncToken: String(Math.floor(now / 1000)), createDate },
    prefixes: prefixes.map((ip_prefix) => ({ ip_prefix, ...row })),
    ipv6_prefixes: [{ ipv6_prefix: '2001:db8::/32', ...row }],
  });
};

/** Publishes a document and announces it, as AWS does. */
async function publish(lab: IncidentLab, document: (now: number) => string): Promise<void> {
  const { kernel } = lab;
  await kernel.clock.advance(MINUTE_MS);
  const text = document(kernel.clock.now());
  publishIpRanges(kernel, { kind: 'document', text });
  const message = {
    'create-time': new Date(kernel.clock.now()).toISOString(),
    synctoken: JSON.parse(text).syncToken,
    md5: createHash('md5').update(text).digest('hex'),
    url: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
  };
  await announceIpRanges(kernel, JSON.stringify(message));
  await lab.settle();
}

async function isAllowed(lab: IncidentLab, cidr: string): Promise<boolean> {
  const { SecurityGroupRules = [] } = await ec2Of(lab).send(new DescribeSecurityGroupRulesCommand({}));
  return SecurityGroupRules.some(({ CidrIpv4, IsEgress }) => !IsEgress && CidrIpv4 === cidr);
}

const api = (lab: IncidentLab) => sutureApi(new APIGatewayClient(lab.security()));
async function apply(lab: IncidentLab, options: { readonly allowShrink?: boolean } = {}): Promise<void> {
  await ipRangesApplyCommand({ ...options, yes: true, json: true, reason: 'the cause is gone', api: await api(lab) });
  await lab.settle();
}
async function remove(lab: IncidentLab): Promise<void> {
  await ipRangesRemoveCommand({ yes: true, json: true, reason: 'it has a successor', api: await api(lab) });
  await lab.settle();
}

/** Returns the groups that the updater created for a target. */
async function groupsOf(lab: IncidentLab, target: string): Promise<string[]> {
  const { SecurityGroups = [] } = await ec2Of(lab).send(new DescribeSecurityGroupsCommand({}));
  return SecurityGroups.filter(({ Tags = [] }) => Tags.some(({ Value }) => Value?.split('/').at(-1) === target)).map(
    ({ GroupId }) => GroupId!,
  );
}

/** Deploys the stacks as if somebody had renamed a target in cdk.json. */
async function renameTarget(lab: IncidentLab, from: string, to: string): Promise<void> {
  const { directory } = lab.synthesized;
  for (const stack of ['OrgRollout', 'IpRanges'].map(LAB_NAMES.stack)) {
    const text = await readFile(join(directory, `${stack}.template.json`), 'utf8');
    const renamed = await withTemplate(directory, stack, text.replaceAll(from, to));
    await deployInOrder(lab, renamed, [stack]);
  }
}

/** Creates an interface with the updater's group and as many others as EC2 allows. Ends when a person has removed one. */
async function fillInterface(lab: IncidentLab): Promise<IncidentEnd> {
  const ec2 = () => ec2Of(lab);
  const [own] = await groupsOf(lab, TARGET);
  const others: string[] = [];
  while (others.length < 4) {
    const input = { GroupName: `application-${others.length + 1}`, Description: 'of the application' };
    others.push((await ec2().send(new CreateSecurityGroupCommand(input))).GroupId!);
  }
  const { Subnets } = await ec2().send(new DescribeSubnetsCommand({}));
  const Groups = [own!, ...others];
  const created = await ec2().send(new CreateNetworkInterfaceCommand({ SubnetId: Subnets![0]!.SubnetId, Groups }));
  const NetworkInterfaceId = created.NetworkInterface!.NetworkInterfaceId!;
  return {
    isOver: () => isAllowed(lab, '198.18.69.0/24'),
    async resolve() {
      const { NetworkInterfaces } = await ec2().send(
        new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] }),
      );
      const kept = NetworkInterfaces![0]!.Groups!.map(({ GroupId }) => GroupId!).filter((id) => id !== others[0]);
      await ec2().send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: kept }));
      await apply(lab);
      await ec2().send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    },
  };
}
