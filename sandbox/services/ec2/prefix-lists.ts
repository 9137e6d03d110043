/**
 * Customer-managed prefix lists: versioned sets of CIDR blocks that rules of security groups can name.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import { arnOf, needOn } from './needs.ts';
import { changes, described, type Ec2Operations, filtered, invalid, missing, reads } from './requests.ts';
import { exceedsQuota } from './security-group-rules.ts';
import { elsewhere, listNamed, ownLists, sharedLists } from './shared-lists.ts';
import type { Ec2, PrefixList } from './state.ts';
import { tagNew, tagsOf } from './tags.ts';

/** Entries that one request adds, and removes, at most. */
const ENTRIES_A_REQUEST = 100;
const ENTRIES_A_PAGE = 100;
/** Milliseconds for which a list is in progress after each change, and takes no other. */
const SETTLING = 1500;

type Entries = ReadonlyMap<string, string | undefined>;

export const prefixListOperations: Ec2Operations = {
  CreateManagedPrefixList: changes(
    'CreateManagedPrefixList',
    ['PrefixListName', 'MaxEntries', 'AddressFamily', 'Entries', 'TagSpecifications', 'ClientToken'],
    (_, at) => [needOn('CreateManagedPrefixList', 'prefix-list', '*', at)],
    (input, at) => {
      const known = at.state.prefixLists.get(at.state.clientTokens.get(input.ClientToken ?? '') ?? '');
      if (known) return { PrefixList: shown(known, at) };
      const list = newList(input, at);
      at.state.prefixLists.set(list.id, list);
      if (input.ClientToken) at.state.clientTokens.set(input.ClientToken, list.id);
      tagNew(list.id, input.TagSpecifications, at);
      return { PrefixList: shown(list, at) };
    },
  ),
  ModifyManagedPrefixList: changes(
    'ModifyManagedPrefixList',
    ['PrefixListId', 'CurrentVersion', 'PrefixListName', 'AddEntries', 'RemoveEntries', 'MaxEntries'],
    (input, at) => [needOn('ModifyManagedPrefixList', 'prefix-list', input.PrefixListId ?? '*', at)],
    (input, at) => {
      const old = settledListWith(input.PrefixListId ?? '', at);
      const modified = settling(modify(old, input, at), at);
      at.state.prefixLists.set(old.id, modified);
      return { PrefixList: { ...shown(old, at), State: stateOf(modified, at) } };
    },
  ),
  RestoreManagedPrefixListVersion: changes(
    'RestoreManagedPrefixListVersion',
    ['PrefixListId', 'PreviousVersion', 'CurrentVersion'],
    (input, at) => [needOn('RestoreManagedPrefixListVersion', 'prefix-list', input.PrefixListId ?? '*', at)],
    (input, at) => {
      const old = settledListWith(input.PrefixListId ?? '', at);
      checkVersion(old, input.CurrentVersion);
      const entries = entriesAt(old, input.PreviousVersion);
      if (entries.size > old.maxEntries) throw tooManyEntries();
      const restored = settling({ ...withVersion(old, entries), state: 'restore-complete' }, at);
      at.state.prefixLists.set(old.id, restored);
      return { PrefixList: { ...shown(old, at), State: stateOf(restored, at) } };
    },
  ),
  DeleteManagedPrefixList: changes(
    'DeleteManagedPrefixList',
    ['PrefixListId'],
    (input, at) => [needOn('DeleteManagedPrefixList', 'prefix-list', input.PrefixListId ?? '*', at)],
    (input, at) => {
      const list = listWith(input.PrefixListId ?? '', at);
      if ([...at.state.rules.values()].some((rule) => rule.peer.kind === 'prefixList' && rule.peer.id === list.id)) {
        throw new AwsError(
          'DependencyViolation',
          `The prefix list '${list.id}' is referenced by a resource and cannot be deleted.`,
        );
      }
      at.state.prefixLists.delete(list.id);
      at.state.tags.delete(list.id);
      return { PrefixList: { ...shown(list, at), State: 'delete-in-progress' } };
    },
  ),
  DescribeManagedPrefixLists: reads(
    'DescribeManagedPrefixLists',
    ['PrefixListIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const lists = input.PrefixListIds?.length
        ? input.PrefixListIds.map((id) => listNamed(id, at) ?? throwing(noSuchList(id)))
        : [...ownLists(at), ...sharedLists(at)];
      const page = described(
        filtered(
          lists,
          input.Filters,
          {
            'prefix-list-id': (list) => list.id,
            'prefix-list-name': (list) => list.name,
            'owner-id': (list) => list.owner,
          },
          at,
        ),
        input,
      );
      return { PrefixLists: page.items.map((list) => shown(list, at, list.owner)), NextToken: page.nextToken };
    },
  ),
  GetManagedPrefixListEntries: reads(
    'GetManagedPrefixListEntries',
    ['PrefixListId', 'TargetVersion', 'MaxResults', 'NextToken'],
    (input, at) => {
      const list = listNamed(input.PrefixListId ?? '', at) ?? throwing(noSuchList(input.PrefixListId));
      const entries = entriesAt(list, input.TargetVersion ?? list.version);
      const size = input.MaxResults ?? ENTRIES_A_PAGE;
      if (size < 1 || size > 100) throw invalid(`Value ( ${size} ) for parameter maxResults is invalid.`);
      const invalidToken = () => new AwsError('InvalidNextToken', 'The specified NextToken is not valid.');
      const page = pageOf([...entries], input.NextToken, size, invalidToken);
      return { Entries: page.items.map(([Cidr, Description]) => ({ Cidr, Description })), NextToken: page.nextToken };
    },
    (input, at) => [needOn('GetManagedPrefixListEntries', 'prefix-list', input.PrefixListId ?? '*', at)],
  ),
};

function newList(input: sdk.CreateManagedPrefixListRequest, at: Ec2): PrefixList {
  if (!input.PrefixListName) throw missing('PrefixListName');
  if (!input.MaxEntries || input.MaxEntries < 1) throw missing('MaxEntries');
  if (input.AddressFamily !== 'IPv4' && input.AddressFamily !== 'IPv6')
    throw invalid(`Invalid value '${input.AddressFamily}' for AddressFamily.`);
  if (input.PrefixListName.startsWith('com.amazonaws'))
    throw invalid('A prefix list name must not start with com.amazonaws.');
  const family = input.AddressFamily;
  const entries = withEntries(new Map(), input.Entries, family, input.MaxEntries);
  const versions = new Map([[1, entries]]);
  return {
    id: at.kernel.id('pl-', 17),
    name: input.PrefixListName,
    family,
    maxEntries: input.MaxEntries,
    version: 1,
    state: 'create-complete',
    settlesAt: at.kernel.clock.now() + SETTLING,
    versions,
  };
}

/** Entries need the current version; a resize and a change of entries exclude each other. */
function modify(list: PrefixList, input: sdk.ModifyManagedPrefixListRequest, at: Ec2): PrefixList {
  const changesEntries = Boolean(input.AddEntries?.length || input.RemoveEntries?.length);
  const named = { ...list, name: input.PrefixListName ?? list.name };
  if (input.MaxEntries !== undefined) {
    if (changesEntries)
      throw new AwsError(
        'InvalidParameterCombination',
        'You cannot modify the entries and the maximum number of entries for the prefix list in the same request.',
      );
    return resized(named, input.MaxEntries, at);
  }
  if (!changesEntries) return { ...named, state: 'modify-complete' };
  checkVersion(list, input.CurrentVersion);
  const kept = new Map(list.versions.get(list.version));
  for (const { Cidr } of limited(input.RemoveEntries)) {
    if (!kept.delete(canonical(Cidr, list.family)))
      throw new AwsError('InvalidPrefixListModification', `The entry ${Cidr} is not in the prefix list.`);
  }
  const entries = withEntries(kept, input.AddEntries, list.family, list.maxEntries);
  return { ...withVersion(named, entries), state: 'modify-complete' };
}

function checkVersion(list: PrefixList, current: number | undefined): void {
  if (current === undefined) throw missing('CurrentVersion');
  if (current === list.version) return;
  throw new AwsError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.');
}

function entriesAt(list: PrefixList, version: number | undefined): Entries {
  const entries = list.versions.get(version ?? 0);
  if (entries) return entries;
  throw invalid(`The specified value for version is not valid. The list has no version ${version}.`);
}

function withVersion(list: PrefixList, entries: Entries): PrefixList {
  const version = list.version + 1;
  return { ...list, version, versions: new Map([...list.versions, [version, entries]]) };
}

const settling = (list: PrefixList, at: Ec2): PrefixList => ({ ...list, settlesAt: at.kernel.clock.now() + SETTLING });

/** `modify-in-progress` on the way to `modify-complete`. */
const stateOf = ({ state, settlesAt }: PrefixList, at: Ec2): sdk.PrefixListState =>
  at.kernel.clock.now() < settlesAt ? (state.replace(/-\w+$/, '-in-progress') as sdk.PrefixListState) : state;

/** @throws AwsError IncorrectState while another change of the list is in progress */
function settledListWith(id: string, at: Ec2): PrefixList {
  const list = listWith(id, at);
  const state = stateOf(list, at);
  if (!state.endsWith('-in-progress')) return list;
  throw new AwsError('IncorrectState', `The prefix list '${id}' cannot be modified in the current state (${state})`);
}

/** A new size that would break the quota of a group that names the list fails afterwards, and the old one stays. */
function resized(list: PrefixList, maxEntries: number, at: Ec2): PrefixList {
  const entries = list.versions.get(list.version)!.size;
  if (maxEntries < entries)
    throw invalid(`MaxEntries ${maxEntries} is less than the ${entries} entries of the prefix list.`);
  const grown = { ...list, maxEntries, state: 'modify-complete' as const };
  const isBroken = (there: Ec2) => {
    const groups = Map.groupBy(there.state.rules.values(), (rule) => `${rule.groupId} ${rule.egress}`);
    return [...groups.values()].some((rules) => exceedsQuota(rules, there, grown));
  };
  if (![at, ...elsewhere(list, at)].some(isBroken)) return grown;
  return {
    ...list,
    state: 'modify-failed',
    stateMessage: 'The maximum number of rules per security group has been reached.',
  };
}

function withEntries(
  entries: Entries,
  added: readonly sdk.AddPrefixListEntry[] | undefined,
  family: PrefixList['family'],
  maxEntries: number,
) {
  const all = new Map(entries);
  for (const { Cidr, Description } of limited(added)) {
    const cidr = canonical(Cidr, family);
    if (all.has(cidr) && all.get(cidr) === Description) {
      throw new AwsError(
        'InvalidPrefixListModification',
        `An entry with the CIDR (${cidr}) and description (${Description ?? ''}) already exists.`,
      );
    }
    all.set(cidr, Description);
  }
  if (all.size > maxEntries) throw tooManyEntries();
  return all;
}

const tooManyEntries = (): AwsError =>
  new AwsError('PrefixListMaxEntriesExceeded', `You've reached the maximum number of entries for the prefix list.`);

function limited<T>(entries: readonly T[] | undefined): readonly T[] {
  if ((entries?.length ?? 0) <= ENTRIES_A_REQUEST) return entries ?? [];
  throw new AwsError('RequestLimitExceeded', `A request can add and remove at most ${ENTRIES_A_REQUEST} entries.`);
}

const canonical = (cidr: string | undefined, family: PrefixList['family']): string =>
  family === 'IPv4' ? canonicalIpv4(cidr ?? '') : canonicalIpv6(cidr ?? '');

function listWith(id: string, at: Ec2): PrefixList {
  return at.state.prefixLists.get(id) ?? throwing(noSuchList(id));
}

const noSuchList = (id: string | undefined): AwsError =>
  new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);

function throwing(error: AwsError): never {
  throw error;
}

const shown = (list: PrefixList, at: Ec2, owner = at.account): sdk.ManagedPrefixList => ({
  PrefixListId: list.id,
  PrefixListArn: arnOf({ ...at, account: owner }, 'prefix-list', list.id),
  PrefixListName: list.name,
  AddressFamily: list.family,
  MaxEntries: list.maxEntries,
  Version: list.version,
  State: stateOf(list, at),
  ...(list.stateMessage && { StateMessage: list.stateMessage }),
  OwnerId: owner,
  Tags: tagsOf(list.id, at),
});
