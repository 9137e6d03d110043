/** Calls on prefix lists and their shares, with stubs for EC2 and Resource Access Manager. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { RAMClient } from '@aws-sdk/client-ram';
import { describe, expect, it } from 'vitest';
import { listsWorld, ramShares } from '../../ip-ranges/function/lists.ts';
import { siteOf } from '../../ip-ranges/function/site.ts';
import type { WorldClients } from '../../ip-ranges/function/world.ts';
import { parseCidr } from '../../ip-ranges/planning/cidr.ts';
import { ENTRY } from '../../ip-ranges/planning/plan-lists.ts';
import { clockOf } from './model.ts';
import { documentOf, rangesTarget, siteDeps } from './support.ts';

type Answer = (input: any) => object;
const CLIENTS = { ec2: EC2Client, ram: RAMClient };
/** A client that answers by the names of operations, and keeps its calls. */
function stub<C>(kind: keyof typeof CLIENTS, answers: Readonly<Record<string, Answer>>) {
  const calls: { readonly name: string; readonly input: any }[] = [];
  const send = async (command: { input: object; constructor: { name: string } }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    calls.push({ name, input: command.input });
    return answers[name]?.(command.input) ?? {};
  };
  const of = (name: string) => calls.filter((call) => call.name === name).map(({ input }) => input);
  return { client: Object.assign(new CLIENTS[kind]({}), { send }) as unknown as C, of };
}
const LIST = { PrefixListId: 'pl-1', PrefixListArn: 'arn:aws:ec2:us-east-1:1:prefix-list/pl-1', AddressFamily: 'IPv4' };
const BARE = { id: 'pl-1', family: 'IPv4', maxEntries: 50, sharedWith: [], users: [], own: [], foreign: [] } as const;
const STEP_LIST = { ...BARE, foreignWeight: { IPv4: 0, IPv6: 0 } };
const entries = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...ENTRY, id: `${n}`, cidr: parseCidr(`198.51.${n}.0/24`, 'IPv4') }));

function worldOf(
  state: () => object,
  { options = {}, shares = [] as object[], listed = [] as object[], hidden = (): boolean => false } = {},
) {
  let version = 0;
  const ec2 = stub<EC2Client>('ec2', {
    DescribeManagedPrefixLists: () => ({
      PrefixLists: hidden() ? [] : [{ ...LIST, MaxEntries: 50, Version: version, ...state() }],
    }),
    GetManagedPrefixListEntries: () => ({ Entries: listed }),
    ModifyManagedPrefixList: () => ({ version: ++version }),
  });
  const associations = [
    { associatedEntity: '444444444444', status: 'ASSOCIATED' },
    { associatedEntity: '555555555555', status: 'DISASSOCIATED' },
    { associatedEntity: '666666666666', status: 'ASSOCIATING' },
  ];
  const ram = stub<RAMClient>('ram', {
    GetResourceShares: () => ({ resourceShares: shares }),
    GetResourceShareAssociations: () => ({ resourceShareAssociations: associations }),
  });
  let slept = 0;
  const sleep = async (milliseconds: number) => {
    slept += milliseconds;
  };
  const target = rangesTarget({ vpcId: undefined, mode: 'prefix-list', ...options });
  const clients = { ec2: ec2.client, ram: ram.client } as WorldClients;
  return { world: listsWorld(target, clients, sleep), ec2, ram, slept: () => slept, target };
}

describe('a list', () => {
  it.each([
    [50, { name: 'PrefixListResizeFailed', message: 'a group is too full' }],
    [60, undefined],
  ])('with room for %i after a resize to 60 tells whether the resize failed', async (MaxEntries, failure) => {
    let size = 50;
    const { world } = worldOf(() => ({
      MaxEntries: size,
      State: 'modify-complete',
      StateMessage: 'a group is too full',
    }));
    await world.read();
    size = MaxEntries;
    const resized = world.perform({ kind: 'resize-list', list: STEP_LIST, maxEntries: 60 });
    if (failure) await expect(resized).rejects.toMatchObject(failure);
    else await resized;
  });
  it.each([
    [250, 150, [100, 100, 50, 0], [0, 0, 100, 50]],
    [0, 3, [0], [3]],
    [3, 0, [3], [0]],
  ])(
    'gets %i entries and loses %i in calls of a hundred, and loses none before the last is added',
    async (add, remove, adds, removes) => {
      const { world, ec2 } = worldOf(() => ({ State: 'modify-complete' }));
      await world.read();
      await world.perform({ kind: 'modify-list', list: STEP_LIST, add: entries(add), remove: entries(remove) });
      const calls = ec2.of('ModifyManagedPrefixList');
      expect(calls.map(({ AddEntries = [] }) => AddEntries.length)).toEqual(adds);
      expect(calls.map(({ RemoveEntries = [] }) => RemoveEntries.length)).toEqual(removes);
      expect(calls.map(({ CurrentVersion }) => CurrentVersion)).toEqual(adds.map((_, n) => n));
    },
  );
  it('has its own entries by their description and those of people, without 0.0.0.0/0', async () => {
    const { world } = worldOf(() => ({ State: 'create-complete' }), {
      listed: [
        { Cidr: '192.0.2.0/24', Description: 'suture AUTOUPDATE' },
        { Cidr: '198.51.100.0/24', Description: 'office' },
        { Cidr: '0.0.0.0/0' },
      ],
    });
    const [held] = (await world.read()).groups;
    expect([held!.own, held!.foreign].map((of) => of.map(({ id }) => id))).toEqual([
      ['192.0.2.0/24'],
      ['198.51.100.0/24'],
    ]);
    expect(held!.foreignWeight).toEqual({ IPv4: 1, IPv6: 0 });
  });
  it('that EC2 does not show yet is waited for', async () => {
    let looks = 0;
    const { world } = worldOf(() => ({ State: 'create-complete' }), { hidden: () => ++looks === 2 });
    expect((await world.read()).groups).toMatchObject([{ id: 'pl-1' }]);
  });
  it('that EC2 cannot resize is not resized again in the run, which names the entries without room', async () => {
    const many = Array.from({ length: 58 }, (_, n) => `198.51.${n}.0/24`);
    const listed = many.slice(0, 50).map((Cidr) => ({ Cidr, Description: 'suture AUTOUPDATE' }));
    const { ec2, ram, target } = worldOf(() => ({ State: 'modify-complete' }), { listed });
    const clients = { ec2: ec2.client, ram: ram.client } as WorldClients;
    const done = await siteOf(target, clients, siteDeps()).bring(documentOf(many), { isPublished: true }, clockOf());
    expect(ec2.of('ModifyManagedPrefixList')).toEqual([{ PrefixListId: 'pl-1', MaxEntries: 60 }]);
    expect(done).toMatchObject({ calls: [], error: { name: 'TargetBlocked' } });
    expect(done.error!.message).toMatch(/8 of them are not in it.*groups of the accounts that share it/);
  });
  it('that is deleted is not read', async () => {
    const { world } = worldOf(() => ({ State: 'delete-complete' }));
    expect((await world.read()).groups).toEqual([]);
  });
  it('that is changing is waited for, up to 30 s', async () => {
    let looks = 0;
    const { world, slept } = worldOf(() => ({ State: ++looks < 4 ? 'create-in-progress' : 'create-complete' }));
    expect((await world.read()).groups).toMatchObject([{ id: 'pl-1', maxEntries: 50 }]);
    expect(slept()).toBe(2000);
    const stuck = worldOf(() => ({ State: 'modify-in-progress' }));
    await expect(stuck.world.read()).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      message: expect.stringMatching(/30 s/),
    });
    expect(stuck.slept()).toBe(30_000);
  });
});

describe('the share of a list', () => {
  const SHARE = { resourceShareArn: 'share-1', name: 'suture-AUTOUPDATE-pl-1' };
  const at = () => ({ State: 'create-complete' });
  it('has the accounts with which the list is shared, and is read only if the target shares it', async () => {
    const sharing = worldOf(at, { options: { shareWith: ['444444444444'] }, shares: [SHARE] });
    expect((await sharing.world.read()).groups[0]!.sharedWith).toEqual(['444444444444', '666666666666']);
    expect(sharing.ram.of('GetResourceShares')).toMatchObject([{ name: SHARE.name, resourceOwner: 'SELF' }]);
    const { world, ram } = worldOf(at, { shares: [SHARE] });
    expect([(await world.read()).groups[0]!.sharedWith, ram.of('GetResourceShares')]).toEqual([[], []]);
    expect(await ramShares(sharing.target, stub<RAMClient>('ram', {}).client).with(LIST.PrefixListArn)).toEqual([]);
  });
  it.each([
    ['CreateResourceShare', [], { name: SHARE.name, allowExternalPrincipals: false }],
    ['AssociateResourceShare', [SHARE], { resourceShareArn: 'share-1' }],
  ])('is created or extended: %s', async (call, shares, input) => {
    const { world, ram } = worldOf(at, { shares });
    await world.read();
    await world.perform({ kind: 'share-list', list: STEP_LIST, principals: ['555555555555'] });
    const shared = { resourceArns: [LIST.PrefixListArn], principals: ['555555555555'] };
    expect(ram.of(call)).toMatchObject([{ ...input, ...shared }]);
    expect(['CreateResourceShare', 'AssociateResourceShare'].flatMap(ram.of)).toHaveLength(1);
  });
});
