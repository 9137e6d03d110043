/** Reads prefix lists of a target in its account, and changes them under guard of their version. */
import {
  CreateManagedPrefixListCommand,
  type CreateManagedPrefixListRequest,
  DeleteManagedPrefixListCommand,
  DescribeManagedPrefixListsCommand,
  type EC2Client,
  type ManagedPrefixList,
  ModifyManagedPrefixListCommand,
  type ModifyManagedPrefixListRequest,
  paginateDescribeManagedPrefixLists,
  paginateGetManagedPrefixListEntries,
} from '@aws-sdk/client-ec2';
import { SutureError } from '../../functions/contract/errors.ts';
import { type IpRangesTarget, OWN_ENTRY, OWN_TAG, PREFIX_TAG } from '../contract/targets.ts';
import { type Cidr, type Family, formatCidr, parseCidr } from '../planning/cidr.ts';
import type { ListState, ListStep, RangeList } from '../planning/plan-lists.ts';
import { RESIZE_FAILED, type RunClock, type World } from './converge.ts';
import { tagList } from './groups.ts';
import { describeGroups, rulesOf, tagFilter } from './read-groups.ts';
import type { ListShares } from './shares.ts';
import { listWeights, weightOf } from './weights.ts';

/** Between looks at a list that changes, and looks in all: changes take seconds. */
const LOOK_MS = 1_000;
const LOOKS = 30;

export type ListsDeps = {
  readonly ec2: EC2Client;
  readonly shares: ListShares;
  readonly sleep: RunClock['sleep'];
  readonly rulesPerGroup: () => Promise<number>;
};

export function listsWorld(target: IpRangesTarget, deps: ListsDeps): World<ListState, ListStep> {
  const { ec2, shares } = deps;
  /** As they were last seen, by family: a change is refused when somebody else's came between. */
  const known = new Map<Family, ManagedPrefixList>();
  const description = `${OWN_ENTRY}${target.name}`;
  const entries: DescribeEntries = (cidrs) =>
    cidrs.map((cidr) => ({ Cidr: formatCidr(cidr), Description: description }));
  const keep = async (family: Family, id: string): Promise<ManagedPrefixList> => {
    const list = await settledList(id, deps);
    known.set(family, list);
    return list;
  };
  const modify = async (family: Family, change: Omit<ModifyManagedPrefixListRequest, 'PrefixListId'>) => {
    const PrefixListId = known.get(family)!.PrefixListId!;
    await ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, ...change }));
    return keep(family, PrefixListId);
  };

  return {
    async read() {
      const marked = await listsMarked(target, ec2);
      const lists = marked.map(async ({ AddressFamily, PrefixListId }): Promise<RangeList> => {
        const family: Family = AddressFamily === 'IPv6' ? 'IPv6' : 'IPv4';
        const list = await keep(family, PrefixListId!);
        return {
          id: list.PrefixListId!,
          family,
          maxEntries: list.MaxEntries!,
          ...(await entriesOf(list, family, description, ec2)),
          sharedWith: target.shareWith ? await shares.with(list.PrefixListArn!) : [],
          users: await groupsNaming(list.PrefixListId!, family, ec2),
        };
      });
      return { lists: await Promise.all(lists), rulesPerGroup: await deps.rulesPerGroup() };
    },

    async perform(step) {
      const { family } = step;
      switch (step.kind) {
        case 'create-list': {
          const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand(creationOf(step, target, entries)));
          await keep(family, PrefixList!.PrefixListId!);
          return;
        }
        case 'resize-list': {
          const { MaxEntries, StateMessage } = await modify(family, { MaxEntries: step.maxEntries });
          if (MaxEntries! < step.maxEntries) throw Object.assign(new Error(StateMessage), { name: RESIZE_FAILED });
          return;
        }
        case 'modify-list':
          await modify(family, entryChanges(step, known.get(family)!.Version, entries));
          return;
        case 'share-list':
          return shares.add(known.get(family)!.PrefixListArn!, step.principals);
        case 'delete-list':
          await ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId: step.list.id }));
      }
    },
  };
}

type DescribeEntries = (cidrs: readonly Cidr[]) => { Cidr: string; Description: string }[];

/** Returns the change of a list's entries; EC2 refuses it if the list has another version by then. */
const entryChanges = (
  { add, remove }: Extract<ListStep, { kind: 'modify-list' }>,
  CurrentVersion: number | undefined,
  entries: DescribeEntries,
) => ({
  CurrentVersion,
  ...(add.length > 0 && { AddEntries: entries(add) }),
  ...(remove.length > 0 && { RemoveEntries: remove.map((cidr) => ({ Cidr: formatCidr(cidr) })) }),
});

function creationOf(
  { family, maxEntries, add }: Extract<ListStep, { kind: 'create-list' }>,
  { prefixName, name }: IpRangesTarget,
  entries: DescribeEntries,
): CreateManagedPrefixListRequest {
  const PrefixListName = `${prefixName}-${family.toLowerCase()}`;
  const Tags = tagList({ Name: PrefixListName, [PREFIX_TAG]: prefixName, [OWN_TAG]: name });
  const TagSpecifications = [{ ResourceType: 'prefix-list' as const, Tags }];
  return { PrefixListName, AddressFamily: family, MaxEntries: maxEntries, Entries: entries(add), TagSpecifications };
}

async function listsMarked({ name }: IpRangesTarget, client: EC2Client): Promise<ManagedPrefixList[]> {
  const lists: ManagedPrefixList[] = [];
  const Filters = [tagFilter(OWN_TAG, name)];
  for await (const { PrefixLists = [] } of paginateDescribeManagedPrefixLists({ client }, { Filters }))
    lists.push(...PrefixLists.filter(({ State }) => !State?.startsWith('delete')));
  return lists;
}

/** Returns the list when it is at rest, as one is that EC2 could not resize: it keeps its old size, and works on. */
async function settledList(id: string, { ec2, sleep }: ListsDeps): Promise<ManagedPrefixList> {
  for (let look = 0; look < LOOKS; look++) {
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [id] }));
    const list = PrefixLists?.[0];
    if (list && !list.State?.endsWith('-in-progress')) return list;
    await sleep(LOOK_MS);
  }
  throw new SutureError('ServiceUnavailable', `The prefix list ${id} was not done changing after ${LOOKS} s.`);
}

async function entriesOf(list: ManagedPrefixList, family: Family, description: string, client: EC2Client) {
  const input = { PrefixListId: list.PrefixListId, TargetVersion: list.Version };
  const own: Cidr[] = [];
  const foreign: Cidr[] = [];
  for await (const { Entries = [] } of paginateGetManagedPrefixListEntries({ client }, input))
    for (const { Cidr, Description } of Entries)
      if (!Cidr!.endsWith('/0')) (Description === description ? own : foreign).push(parseCidr(Cidr!, family));
  return { own, foreign };
}

/** Finds the account's groups that name a list, with the rules of the list's family that they have besides. */
export async function groupsNaming(id: string, family: Family, client: EC2Client): Promise<RangeList['users']> {
  const found = await Promise.all(
    ['', 'egress.'].map(async (direction) => {
      const Filters = [{ Name: `${direction}ip-permission.prefix-list-id`, Values: [id] }];
      const groups = await describeGroups(client, { Filters });
      const rules = await rulesOf(
        groups.map(({ GroupId }) => GroupId!),
        client,
      );
      const others = rules.filter((rule) => rule.IsEgress === (direction !== '') && rule.PrefixListId !== id);
      const weights = await listWeights(others, client);
      return groups.map(({ GroupId, GroupName }) => {
        const own = others.filter((rule) => rule.GroupId === GroupId);
        const count = own.reduce((sum, rule) => sum + weightOf(rule, family, weights), 0);
        return { group: `${GroupId} (${GroupName})`, others: count };
      });
    }),
  );
  return found.flat();
}
