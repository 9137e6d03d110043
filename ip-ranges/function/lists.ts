/** Prefix lists of a target in its account: read as the planner wants them, changed under guard of their version. */
import {
  CreateManagedPrefixListCommand,
  DescribeManagedPrefixListsCommand,
  type EC2Client,
  type ManagedPrefixList,
  ModifyManagedPrefixListCommand,
  paginateDescribeManagedPrefixLists,
  paginateGetManagedPrefixListEntries,
} from '@aws-sdk/client-ec2';
import { SutureError } from '../../functions/contract/errors.ts';
import { type IpRangesTarget, OWN_ENTRY, OWN_TAG, PREFIX_TAG } from '../contract/targets.ts';
import { type Cidr, type Family, formatCidr, parseCidr } from '../planning/cidr.ts';
import type { Clock, World } from '../planning/converge.ts';
import { IpRangesError } from '../planning/errors.ts';
import type { ListState, ListStep, PrefixList } from '../planning/plan-lists.ts';

/** Shares lists with other accounts; tells with whom one is shared already. */
export type Shares = {
  with(listArn: string): Promise<readonly string[]>;
  add(listArn: string, principals: readonly string[]): Promise<void>;
};

/** Milliseconds between looks at a list that changes, and looks in all: changes take seconds. */
const LOOK = 1_000;
const LOOKS = 30;

export function listsWorld(
  target: IpRangesTarget,
  ec2: EC2Client,
  shares: Shares,
  sleep: Clock['sleep'],
): World<ListState, ListStep> {
  /** As they were last seen, by family: a change is refused when somebody else's came between. */
  const seen = new Map<Family, ManagedPrefixList>();
  const description = `${OWN_ENTRY}${target.name}`;

  /** The list when it has come to rest. */
  async function settled(id: string): Promise<ManagedPrefixList> {
    for (let look = 0; look < LOOKS; look++) {
      const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [id] }));
      const list = PrefixLists?.[0];
      if (list && !list.State?.endsWith('-in-progress')) {
        if (!list.State?.endsWith('-failed')) return list;
        throw new IpRangesError(
          'TargetBlocked',
          `The prefix list ${id} is ${list.State}: ${list.StateMessage ?? 'AWS does not say why'}. Look at the groups that name it: its ${list.MaxEntries} entries count against their rules.`,
        );
      }
      await sleep(LOOK);
    }
    throw new SutureError('ServiceUnavailable', `The prefix list ${id} was not done changing after ${LOOKS} s.`);
  }
  const keep = async (family: Family, id: string) => void seen.set(family, await settled(id));
  const idOf = (family: Family) => seen.get(family)!.PrefixListId!;
  const entries = (cidrs: readonly Cidr[]) =>
    cidrs.map((cidr) => ({ Cidr: formatCidr(cidr), Description: description }));

  return {
    async read() {
      const lists: PrefixList[] = [];
      const Filters = [{ Name: `tag:${OWN_TAG}`, Values: [target.name] }];
      for await (const page of paginateDescribeManagedPrefixLists({ client: ec2 }, { Filters }))
        for (const found of page.PrefixLists ?? []) {
          if (found.State?.startsWith('delete')) continue;
          const family: Family = found.AddressFamily === 'IPv6' ? 'IPv6' : 'IPv4';
          await keep(family, found.PrefixListId!);
          const list = seen.get(family)!;
          const held: { cidr: Cidr; isOwn: boolean }[] = [];
          const asked = { PrefixListId: list.PrefixListId, TargetVersion: list.Version };
          for await (const { Entries = [] } of paginateGetManagedPrefixListEntries({ client: ec2 }, asked))
            held.push(
              ...Entries.filter(({ Cidr }) => !Cidr!.endsWith('/0')).map(({ Cidr, Description }) => ({
                cidr: parseCidr(Cidr!, family),
                isOwn: Description === description,
              })),
            );
          lists.push({
            id: list.PrefixListId!,
            family,
            maxEntries: list.MaxEntries!,
            own: held.filter(({ isOwn }) => isOwn).map(({ cidr }) => cidr),
            foreign: held.filter(({ isOwn }) => !isOwn).map(({ cidr }) => cidr),
            sharedWith: target.shareWith ? await shares.with(list.PrefixListArn!) : [],
          });
        }
      return { lists };
    },

    async perform(step) {
      switch (step.kind) {
        case 'create-list': {
          const name = `${target.prefixName}-${step.family.toLowerCase()}`;
          const { PrefixList } = await ec2.send(
            new CreateManagedPrefixListCommand({
              PrefixListName: name,
              AddressFamily: step.family,
              MaxEntries: step.maxEntries,
              Entries: entries(step.add),
              TagSpecifications: [
                {
                  ResourceType: 'prefix-list',
                  Tags: Object.entries({ Name: name, [PREFIX_TAG]: target.prefixName, [OWN_TAG]: target.name }).map(
                    ([Key, Value]) => ({ Key, Value }),
                  ),
                },
              ],
            }),
          );
          return keep(step.family, PrefixList!.PrefixListId!);
        }
        case 'resize-list':
          await ec2.send(
            new ModifyManagedPrefixListCommand({ PrefixListId: step.list.id, MaxEntries: step.maxEntries }),
          );
          return keep(step.list.family, step.list.id);
        case 'modify-list': {
          const PrefixListId = idOf(step.family);
          await ec2.send(
            new ModifyManagedPrefixListCommand({
              PrefixListId,
              CurrentVersion: seen.get(step.family)!.Version,
              ...(step.add.length > 0 && { AddEntries: entries(step.add) }),
              ...(step.remove.length > 0 && { RemoveEntries: step.remove.map((cidr) => ({ Cidr: formatCidr(cidr) })) }),
            }),
          );
          return keep(step.family, PrefixListId);
        }
        case 'share-list':
          return shares.add(seen.get(step.family)!.PrefixListArn!, step.principals);
      }
    },
  };
}
