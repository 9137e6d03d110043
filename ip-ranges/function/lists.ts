/** Reads prefix lists of a target in its account, changes them under guard of their version, and shares them. */
import {
  CreateManagedPrefixListCommand,
  DeleteManagedPrefixListCommand,
  DescribeManagedPrefixListsCommand,
  type EC2Client,
  type ManagedPrefixList,
  ModifyManagedPrefixListCommand,
  type ModifyManagedPrefixListRequest,
  paginateDescribeManagedPrefixLists,
  paginateGetManagedPrefixListEntries,
} from '@aws-sdk/client-ec2';
import {
  AssociateResourceShareCommand,
  CreateResourceShareCommand,
  DeleteResourceShareCommand,
  paginateGetResourceShareAssociations,
  paginateGetResourceShares,
  type RAMClient,
} from '@aws-sdk/client-ram';
import { NAMES } from '../../functions/aws/installation.ts';
import { SutureError } from '../../functions/contract/errors.ts';
import { type IpRangesTarget, PREFIX_TAG } from '../contract/targets.ts';
import { type Family, formatCidr, parseCidr } from '../planning/cidr.ts';
import {
  ENTRY,
  type ListState,
  type ListStep,
  planListRemoval,
  planLists,
  type RangeList,
} from '../planning/plan-lists.ts';
import { countOf, type IngressRule, perFamily } from '../planning/state.ts';
import { holderOf } from './calls.ts';
import { RESIZE_FAILED, type RunClock } from './converge.ts';
import { tagList } from './groups.ts';
import { limitSource, listWeights, weightOf } from './limits.ts';
import { OWN_ENTRY, OWN_TAG } from './marks.ts';
import { chunks, itemsOf } from './pages.ts';
import { describeGroups, rulesOf, tagFilter } from './read-groups.ts';
import type { TargetWorld, WorldClients } from './world.ts';

/** Pause between reads of a list that is changing, and the most reads: changes take seconds. */
const POLL_MS = 1_000;
const MAX_POLLS = 30;
/**
 * Entries that a ModifyManagedPrefixList adds, and removes.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html
 */
const CHUNK = 100;

export function listsWorld(
  target: IpRangesTarget,
  { ec2, ram, quotas }: WorldClients,
  sleep: RunClock['sleep'],
): TargetWorld<ListState, ListStep> {
  const shares = ramShares(target, ram);
  const limits = limitSource(target, quotas);
  /** The lists as last read, by family: EC2 refuses a change that does not name the current version. */
  const known = new Map<Family, ManagedPrefixList>();
  /** Families whose list EC2 could not resize in this run. */
  const fixed = new Set<Family>();
  const Description = `${OWN_ENTRY}${target.name}`;
  const look = async (PrefixListId: string): Promise<ManagedPrefixList> => {
    const list = await settledList(PrefixListId, ec2, sleep);
    known.set(list.AddressFamily as Family, list);
    return list;
  };
  const modify = async (family: Family, change: Omit<ModifyManagedPrefixListRequest, 'PrefixListId'>) => {
    const { PrefixListId } = known.get(family)!;
    await ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, ...change }));
    return look(PrefixListId!);
  };
  const resize = async (family: Family, size: number) => {
    const { MaxEntries, StateMessage } = await modify(family, { MaxEntries: size });
    if (MaxEntries! >= size) return;
    fixed.add(family);
    throw Object.assign(new Error(StateMessage), { name: RESIZE_FAILED });
  };
  const change = async (family: Family, add: readonly IngressRule[], remove: readonly IngressRule[]) => {
    const entries = (rules: readonly IngressRule[]) => rules.map(({ cidr }) => ({ Cidr: formatCidr(cidr) }));
    const adds = chunks(entries(add), CHUNK).map((some) => some.map((entry) => ({ ...entry, Description })));
    const removes = chunks(entries(remove), CHUNK);
    // Removes nothing before the call that adds the last new entries.
    const first = Math.max(0, adds.length - 1);
    for (let n = 0; n < Math.max(adds.length, first + removes.length); n++) {
      const CurrentVersion = known.get(family)!.Version;
      await modify(family, { CurrentVersion, AddEntries: adds[n], RemoveEntries: removes[n - first] });
    }
  };
  const read = async (): Promise<ListState> => {
    const pages = paginateDescribeManagedPrefixLists({ client: ec2 }, { Filters: [tagFilter(OWN_TAG, target.name)] });
    const marked = await itemsOf(pages, ({ PrefixLists }) => PrefixLists);
    const living = marked.filter(({ State }) => !State?.startsWith('delete'));
    const groups = living.map(async ({ PrefixListId }): Promise<RangeList> => {
      const list = await look(PrefixListId!);
      const sharedWith = target.shareWith ? await shares.with(list.PrefixListArn!) : [];
      const from = await rangeListFrom(list, Description, ec2);
      return { ...from, isFixed: fixed.has(from.family), sharedWith };
    });
    return { groups: await Promise.all(groups), rulesPerGroup: (await limits.read()).rules };
  };
  return {
    read,
    async perform(step) {
      if (step.kind === 'delete-share') return shares.delete(step.share);
      const { family, id: PrefixListId } = step.list;
      if (step.kind === 'create-list') return void (await look(await createList(target, family, step.maxEntries, ec2)));
      if (step.kind === 'resize-list') return resize(family, step.maxEntries);
      if (step.kind === 'modify-list') return change(family, step.add, step.remove);
      if (step.kind === 'share-list') return shares.add(known.get(family)!.PrefixListArn!, step.principals);
      await ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId }));
    },
    plan: (document, state, options) => planLists(document, state, target, options),
    reportOf: ({ groups }) => ({
      holders: groups.map((list) => holderOf({ ...list, name: list.family }, list.maxEntries)),
      attachedTo: 0,
      notes: [],
    }),
    async removal() {
      const state = await read();
      return { state, ...planListRemoval(state, await shares.marked()) };
    },
  };
}

async function createList({ prefixName, name }: IpRangesTarget, family: Family, MaxEntries: number, client: EC2Client) {
  const PrefixListName = `${prefixName}-${family.toLowerCase()}`;
  const Tags = tagList({ Name: PrefixListName, [PREFIX_TAG]: prefixName, [OWN_TAG]: name });
  const TagSpecifications = [{ ResourceType: 'prefix-list' as const, Tags }];
  const input = { PrefixListName, AddressFamily: family, MaxEntries, TagSpecifications };
  const { PrefixList } = await client.send(new CreateManagedPrefixListCommand(input));
  return PrefixList!.PrefixListId!;
}

/**
 * Returns the list when no change of it is in progress. One that EC2 could not resize keeps its old size, and works.
 */
async function settledList(id: string, ec2: EC2Client, sleep: RunClock['sleep']): Promise<ManagedPrefixList> {
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [id] }));
    const list = PrefixLists?.[0];
    if (list && !list.State?.endsWith('-in-progress')) return list;
    await sleep(POLL_MS);
  }
  throw new SutureError('ServiceUnavailable', `The prefix list ${id} was not done changing after ${MAX_POLLS} s.`);
}

async function rangeListFrom(list: ManagedPrefixList, ownDescription: string, client: EC2Client) {
  const { PrefixListId, Version: TargetVersion, MaxEntries, AddressFamily } = list;
  const family = AddressFamily as Family;
  const pages = paginateGetManagedPrefixListEntries({ client }, { PrefixListId, TargetVersion });
  const entries = await itemsOf(pages, ({ Entries }) => Entries);
  const rules = entries
    .filter(({ Cidr }) => !Cidr!.endsWith('/0'))
    .map(({ Cidr, Description }) => ({
      ...ENTRY,
      id: Cidr!,
      cidr: parseCidr(Cidr!, family),
      description: Description,
    }));
  const isOwn = ({ description }: (typeof rules)[number]) => description === ownDescription;
  const foreign = rules.filter((rule) => !isOwn(rule));
  return {
    id: PrefixListId!,
    family,
    maxEntries: MaxEntries!,
    own: rules.filter(isOwn),
    foreign,
    foreignWeight: perFamily((each) => countOf(foreign, each)),
    users: await groupsNaming(PrefixListId!, family, client),
  };
}

/** Finds the account's groups that name a list, with the rules of the list's family that they have besides. */
async function groupsNaming(id: string, family: Family, client: EC2Client): Promise<RangeList['users']> {
  const found = await Promise.all(
    ['', 'egress.'].map(async (direction) => {
      const Filters = [{ Name: `${direction}ip-permission.prefix-list-id`, Values: [id] }];
      const groups = await describeGroups(client, { Filters });
      const ids = groups.map(({ GroupId }) => GroupId!);
      const rules = await rulesOf(ids, client);
      const others = rules.filter((rule) => rule.IsEgress === (direction !== '') && rule.PrefixListId !== id);
      const weights = await listWeights(others, client);
      return groups.map(({ GroupId, GroupName }) => {
        const own = others.filter((rule) => rule.GroupId === GroupId);
        return { group: `${GroupId} (${GroupName})`, others: weightOf(own, family, weights) };
      });
    }),
  );
  return found.flat();
}

/** Shares lists by Resource Access Manager, one share a list. https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html */
export function ramShares(target: IpRangesTarget, client: RAMClient) {
  const nameOf = (listArn: string) => `${NAMES.own(target.name)}-${listArn.split('/').at(-1)}`.replace(/[^\w.-]/g, '_');
  const sharesCalled = (name?: string) => {
    const input = { resourceOwner: 'SELF' as const, name, resourceShareStatus: 'ACTIVE' as const };
    return itemsOf(paginateGetResourceShares({ client }, input), ({ resourceShares }) => resourceShares);
  };
  const shareOf = async (listArn: string) => (await sharesCalled(nameOf(listArn)))[0];
  return {
    async with(listArn: string): Promise<string[]> {
      const share = await shareOf(listArn);
      if (!share) return [];
      const input = { associationType: 'PRINCIPAL' as const, resourceShareArns: [share.resourceShareArn!] };
      const pages = paginateGetResourceShareAssociations({ client }, input);
      const associations = await itemsOf(pages, ({ resourceShareAssociations }) => resourceShareAssociations);
      const lasting = associations.filter(({ status }) => status === 'ASSOCIATED' || status === 'ASSOCIATING');
      return lasting.map(({ associatedEntity }) => associatedEntity!);
    },

    async add(listArn: string, added: readonly string[]): Promise<void> {
      const share = await shareOf(listArn);
      const shared = { resourceArns: [listArn], principals: [...added] };
      if (share) {
        await client.send(new AssociateResourceShareCommand({ resourceShareArn: share.resourceShareArn, ...shared }));
        return;
      }
      const about = { name: nameOf(listArn), tags: [{ key: OWN_TAG, value: target.name }] };
      await client.send(new CreateResourceShareCommand({ ...about, ...shared, allowExternalPrincipals: false }));
    },

    /** Returns the shares that have the target's mark: name by ARN. */
    async marked(): Promise<ReadonlyMap<string, string>> {
      const all = await sharesCalled();
      const own = all.filter(({ tags = [] }) =>
        tags.some(({ key, value }) => key === OWN_TAG && value === target.name),
      );
      return new Map(own.map(({ resourceShareArn, name }) => [resourceShareArn!, name!]));
    },

    async delete(resourceShareArn: string): Promise<void> {
      await client.send(new DeleteResourceShareCommand({ resourceShareArn }));
    },
  };
}
