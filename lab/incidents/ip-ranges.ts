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
import { noMessages } from './ends.ts';
import type { Incident } from './incident.ts';
import { allOver, type IncidentEnd, MINUTE } from './incident-end.ts';
import { type Scene, SHOP } from './scene.ts';

const NAME = 'ip-ranges';
/** Of the target in cdk.json whose groups are in this account. */
const TARGET = 'shop-origin';

export const IP_RANGES_INCIDENTS: readonly Incident[] = [
  {
    name: 'ip-ranges-errors',
    shows: 'security groups do not get the published ranges',
    alarmsAt: 'ip-ranges',
    async bringAbout(scene) {
      const end = await denyMemberRoles(scene);
      await runUpdater(scene);
      return end;
    },
  },
  {
    name: 'ip-ranges-failed',
    shows: 'a notification of new ranges was not taken',
    alarms: ['ip-ranges-failed', 'ip-ranges-errors'],
    alarmsAt: 'ip-ranges',
    async bringAbout(scene) {
      const end = await denyMemberRoles(scene);
      await publish(scene, documentOf(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '233.252.0.0/24']));
      return allOver(
        end,
        noMessages(scene, 'ip-ranges-failed', () => updaterSettings(scene)),
      );
    },
  },
  {
    name: 'ip-ranges-refused',
    shows: 'a document was applied only in part',
    alarmsAt: 'ip-ranges',
    async bringAbout(scene) {
      await publish(scene, documentOf(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24']));
      await publish(scene, documentOf(['192.0.2.0/24']));
      return {
        isOver: async () => !(await isAllowed(scene, '203.0.113.0/24')),
        mend: async () => apply(scene, { allowShrink: true }),
      };
    },
  },
  {
    name: 'ip-ranges-targets-failed',
    shows: 'one target does not get all ranges of the document',
    alarmsAt: 'ip-ranges',
    async bringAbout(scene) {
      await runUpdater(scene);
      const end = await fillInterface(scene);
      await publish(scene, documentOf(Array.from({ length: 70 }, (_, n) => `198.18.${n}.0/24`)));
      return end;
    },
  },
  {
    name: 'ip-ranges-orphans',
    shows: 'a target has left something behind',
    alarmsAt: 'ip-ranges',
    async bringAbout(scene) {
      await runUpdater(scene);
      await renameTarget(scene, TARGET, 'shop');
      await runUpdater(scene);
      return {
        isOver: async () => (await groupsOf(scene, TARGET)).length === 0,
        mend: async () => remove(scene),
      };
    },
  },
];

const updaterRegion = ({ context }: Scene): string => String(context.ipRanges!.region);
const updaterSettings = (scene: Scene) =>
  scene.sandbox.administrator(scene.context.securityAccount, updaterRegion(scene));
const ec2Of = (scene: Scene) => new EC2Client(scene.sandbox.administrator(SHOP));

const denyMemberRoles = (scene: Scene): Promise<IncidentEnd> =>
  scene.deny({ account: scene.context.securityAccount, name: LAB_NAMES.function(NAME) }, 'sts:AssumeRole');

/** Runs the updater as its schedule does, with Lambda's two further attempts. */
async function runUpdater(scene: Scene): Promise<void> {
  const input = { FunctionName: LAB_NAMES.function(NAME), InvocationType: 'Event', Payload: '{}' } as const;
  await new LambdaClient(updaterSettings(scene)).send(new InvokeCommand(input));
  await scene.sandbox.settled();
}

/** A document of one service's IPv4 ranges, newer than the one before. */
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
async function publish(scene: Scene, document: (now: number) => string): Promise<void> {
  const { kernel } = scene;
  await kernel.clock.advance(MINUTE);
  const text = document(kernel.clock.now());
  publishIpRanges(kernel, { kind: 'document', text });
  const message = {
    'create-time': new Date(kernel.clock.now()).toISOString(),
    synctoken: JSON.parse(text).syncToken,
    md5: createHash('md5').update(text).digest('hex'),
    url: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
  };
  await announceIpRanges(kernel, JSON.stringify(message));
  await scene.sandbox.settled();
}

async function isAllowed(scene: Scene, cidr: string): Promise<boolean> {
  const { SecurityGroupRules = [] } = await ec2Of(scene).send(new DescribeSecurityGroupRulesCommand({}));
  return SecurityGroupRules.some(({ CidrIpv4, IsEgress }) => !IsEgress && CidrIpv4 === cidr);
}

const api = (scene: Scene) => sutureApi(new APIGatewayClient(scene.security()));
async function apply(scene: Scene, options: { readonly allowShrink?: boolean } = {}): Promise<void> {
  await ipRangesApplyCommand({ ...options, yes: true, json: true, reason: 'the cause is gone', api: await api(scene) });
  await scene.sandbox.settled();
}
async function remove(scene: Scene): Promise<void> {
  await ipRangesRemoveCommand({ yes: true, json: true, reason: 'it has a successor', api: await api(scene) });
  await scene.sandbox.settled();
}

/** Groups that the updater created for a target. */
async function groupsOf(scene: Scene, target: string): Promise<string[]> {
  const { SecurityGroups = [] } = await ec2Of(scene).send(new DescribeSecurityGroupsCommand({}));
  return SecurityGroups.filter(({ Tags = [] }) => Tags.some(({ Value }) => Value?.split('/').at(-1) === target)).map(
    ({ GroupId }) => GroupId!,
  );
}

/** Deploys the stacks with another name of a target, as somebody does who has changed cdk.json. */
async function renameTarget(scene: Scene, from: string, to: string): Promise<void> {
  const { directory } = scene.synthesized;
  for (const stack of ['OrgRollout', 'IpRanges'].map(LAB_NAMES.stack)) {
    const text = await readFile(join(directory, `${stack}.template.json`), 'utf8');
    const renamed = await withTemplate(directory, stack, text.replaceAll(from, to));
    await deployInOrder(scene, renamed, [stack]);
  }
}

/** An interface with the updater's group has as many others as EC2 allows. A person takes one away. */
async function fillInterface(scene: Scene): Promise<IncidentEnd> {
  const ec2 = () => ec2Of(scene);
  const [own] = await groupsOf(scene, TARGET);
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
    isOver: () => isAllowed(scene, '198.18.69.0/24'),
    async mend() {
      const { NetworkInterfaces } = await ec2().send(
        new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] }),
      );
      const kept = NetworkInterfaces![0]!.Groups!.map(({ GroupId }) => GroupId!).filter((id) => id !== others[0]);
      await ec2().send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: kept }));
      await apply(scene);
      await ec2().send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    },
  };
}
