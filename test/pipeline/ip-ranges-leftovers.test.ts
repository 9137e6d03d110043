/** Leftovers of targets, people and AWS's sample, through the deployed stack and its roles. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, ORIGIN, published, SHARED, startUpdater, type Updater } from '../support/updater.ts';

let updater: Updater;
let text: string;
beforeAll(async () => {
  updater = await startUpdater();
  text = await fixture('origin-facing-46-68-45.1');
  await updater.publishAndAnnounce(text);
});
afterAll(() => updater.sandbox.close());

/** New names by the names in cdk.json. */
const NAMES = new Map<string, string>();
const renamed = (from: string, to: string) => {
  NAMES.set(from, to);
  return updater.rename(NAMES);
};
const named = (name: string) => async () =>
  (await updater.groups()).filter(({ GroupName }) => GroupName!.startsWith(name)).map(({ GroupId }) => GroupId!);

describe('a target that was renamed', () => {
  const old = `${ORIGIN}/us-east-1/shop-origin`;
  let eni: string;
  beforeAll(async () => {
    const { subnets } = await updater.vpc();
    const Groups = await named('AUTOUPDATE')();
    const made = await updater.ec2().send(new CreateNetworkInterfaceCommand({ SubnetId: subnets[0]!, Groups }));
    eni = made.NetworkInterface!.NetworkInterfaceId!;
    expect(updater.metrics('IpRangesOrphans').at(-1)).toBe(0);
    await renamed('shop-origin', 'shop');
    await updater.publishAndAnnounce(text);
  });

  it('is an orphan in plan and status, and is counted for its alarm', async () => {
    for (const command of ['plan', 'status'] as const) {
      const orphan = (await updater.command({ command })).find(({ target }) => target === old);
      expect(orphan).toMatchObject({ orphan: true, attachedTo: 1, holders: [{ own: { IPv4: 46 } }] });
      expect(orphan!.notes!.join()).toMatch(/is not configured any more.*suture ip-ranges remove/);
    }
    expect(updater.metrics('IpRangesOrphans').at(-1)).toBe(1);
    expect(await updater.alarm('suture-ip-ranges-orphans')).toMatchObject({ MetricName: 'IpRangesOrphans' });
  });

  it('is not removed while an interface depends on it', async () => {
    const [answer] = await updater.command({ command: 'remove' });
    expect(answer).toMatchObject({
      calls: [],
      error: { name: 'TargetBlocked', message: expect.stringContaining(eni) },
    });
    expect(await updater.letIn()).toEqual(published(text));
    expect(await updater.groupsOn(eni)).toEqual(await named('AUTOUPDATE')());
  });

  it('is removed once its successor is attached', async () => {
    const Groups = [...(await updater.groupsOn(eni)), ...(await named('shop')())];
    await updater.ec2().send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: eni, Groups }));
    const [planned] = await updater.command({ command: 'plan-removal', targets: [old] });
    expect(planned!.calls!.map(({ call }) => call)).toEqual(['ModifyNetworkInterfaceAttribute', 'DeleteSecurityGroup']);
    const [removed] = await updater.command({ command: 'remove', targets: ['shop-origin'] });
    expect(removed!.error).toBeUndefined();
    expect(await updater.groupsOn(eni)).toEqual(await named('shop')());
    expect(await named('AUTOUPDATE')()).toEqual([]);
    expect((await updater.command({ command: 'status' })).map(({ orphan }) => orphan)).toEqual([undefined, undefined]);
    await updater.publishAndAnnounce(text);
    expect(updater.metrics('IpRangesOrphans').at(-1)).toBe(0);
  });
});

describe('a prefix list of a target that was removed', () => {
  it('is deleted if no group names it', async () => {
    await renamed('data-origin', 'data');
    await updater.publishAndAnnounce(text);
    const lists = await updater.listsSeenIn(SHARED, 'eu-west-1');
    const [removed] = await updater.command({ command: 'remove', targets: ['data-origin'] });
    expect(removed).toMatchObject({
      calls: [
        { call: 'DeleteManagedPrefixList' },
        { call: 'DeleteManagedPrefixList' },
        { call: 'DeleteResourceShare' },
        { call: 'DeleteResourceShare' },
      ],
    });
    expect(removed!.error).toBeUndefined();
    expect(await updater.listsSeenIn(SHARED, 'eu-west-1')).toHaveLength(lists.length - 2);
    expect(await updater.inLists()).toEqual(published(text));
  });
});

describe('rules of AWS’s sample', () => {
  it('are tagged when a person adopts them, then follow the document', async () => {
    const ec2 = updater.ec2();
    const tags = [{ ResourceType: 'security-group' as const, Tags: [{ Key: 'PREFIX_NAME', Value: 'shop' }] }];
    const { id: VpcId } = await updater.vpc();
    const group = { GroupName: 'sample', Description: 'of the sample', VpcId, TagSpecifications: tags };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(group));
    const IpRanges = [{ CidrIp: '198.51.100.0/24', Description: 'CLOUDFRONT rule 1 of 1' }];
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

    const [unadopted] = await updater.command({ command: 'plan', targets: ['shop'] });
    expect(unadopted!.notes!.join()).toMatch(/198\.51\.100\.0\/24.*--adopt/);
    const [applied] = await updater.command({ command: 'apply', targets: ['shop'], adopt: true });
    expect(applied!.error).toBeUndefined();
    // The other target was not asked for, and is not an orphan.
    expect(updater.metrics('IpRangesOrphans').at(-1)).toBe(0);
    expect(applied!.calls!.map(({ call }) => call)).toEqual(
      expect.arrayContaining(['CreateTags', 'RevokeSecurityGroupIngress']),
    );
    const Filters = [{ Name: 'group-id', Values: [GroupId!] }];
    const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    expect(SecurityGroupRules!.filter(({ IsEgress }) => !IsEgress)).toEqual([]);
  });
});

describe('a command', () => {
  it('for a target that does not exist is refused, and changes nothing', async () => {
    const changes = await updater.changesDuring(async () => {
      await expect(updater.command({ command: 'apply', targets: ['shpo'] })).rejects.toMatchObject({
        name: 'CommandInvalid',
        message: expect.stringMatching(/no target "shpo" to apply/),
      });
    });
    expect(changes).toEqual([]);
  });
});

describe('a target that is retired', () => {
  it('is an orphan, which its role may still remove', async () => {
    await updater.configure((targets) =>
      targets.map((target) => {
        const name = NAMES.get(target.name!)!;
        return { ...target, name, prefixName: name, retired: name === 'shop' };
      }),
    );
    const shop = `${ORIGIN}/us-east-1/shop`;
    const orphans = (await updater.command({ command: 'status' })).filter(({ orphan }) => orphan);
    expect(orphans.map(({ target }) => target)).toEqual([shop]);
    const [planned] = await updater.command({ command: 'plan-removal', targets: ['shop'] });
    expect(planned).toMatchObject({ target: shop, orphan: true, holders: [{ own: { IPv4: expect.any(Number) } }] });
  });
});
