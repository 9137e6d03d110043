/**
 * Customer-managed prefix lists: versioned sets of CIDR blocks that rules of security groups can reference.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import { ec2Arn, ec2Need } from './needs.ts';
import {
  applyFilters,
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Page,
  ec2Read,
  invalidEc2Parameter,
  missingEc2Parameter,
} from './requests.ts';
import { exceedsRuleQuota } from './security-group-rules.ts';
import {
  atAccountsWithAccess,
  findPrefixList,
  ownPrefixLists,
  type PrefixListWithOwner,
  sharedPrefixLists,
} from './shared-lists.ts';
import type { Ec2At, ManagedPrefixList } from './state.ts';
import { describeTags, tagNewResource } from './tags.ts';

const MAX_ENTRIES_PER_REQUEST = 100;
const MAX_ENTRIES_PER_PAGE = 100;
/** For this long after a change, the list is in progress and refuses other changes. */
const SETTLE_MS = 1500;

type Entries = ReadonlyMap<string, string | undefined>;

export const prefixListOperations: Ec2Operations = {
  CreateManagedPrefixList: ec2Change(
    'CreateManagedPrefixList',
    ['PrefixListName', 'MaxEntries', 'AddressFamily', 'Entries', 'TagSpecifications', 'ClientToken'],
    (_, at) => [ec2Need('CreateManagedPrefixList', 'prefix-list', '*', at)],
    (input, at) => {
      const existing = at.state.prefixLists.get(at.state.clientTokens.get(input.ClientToken ?? '') ?? '');
      if (existing) return { PrefixList: describePrefixList(existing, at) };
      const list = newPrefixList(input, at);
      at.state.prefixLists.set(list.id, list);
      if (input.ClientToken) at.state.clientTokens.set(input.ClientToken, list.id);
      tagNewResource(list.id, input.TagSpecifications, at);
      return { PrefixList: describePrefixList(list, at) };
    },
  ),
  ModifyManagedPrefixList: ec2Change(
    'ModifyManagedPrefixList',
    ['PrefixListId', 'CurrentVersion', 'PrefixListName', 'AddEntries', 'RemoveEntries', 'MaxEntries'],
    (input, at) => [ec2Need('ModifyManagedPrefixList', 'prefix-list', input.PrefixListId ?? '*', at)],
    (input, at) => {
      const old = settledPrefixList(input.PrefixListId ?? '', at);
      const modified = startSettling(modifiedPrefixList(old, input, at), at);
      at.state.prefixLists.set(old.id, modified);
      return { PrefixList: { ...describePrefixList(old, at), State: prefixListState(modified, at) } };
    },
  ),
  RestoreManagedPrefixListVersion: ec2Change(
    'RestoreManagedPrefixListVersion',
    ['PrefixListId', 'PreviousVersion', 'CurrentVersion'],
    (input, at) => [ec2Need('RestoreManagedPrefixListVersion', 'prefix-list', input.PrefixListId ?? '*', at)],
    (input, at) => {
      const old = settledPrefixList(input.PrefixListId ?? '', at);
      checkVersion(old, input.CurrentVersion);
      const entries = entriesOfVersion(old, input.PreviousVersion);
      if (entries.size > old.maxEntries) throw tooManyEntries();
      const restored = startSettling({ ...withVersion(old, entries), state: 'restore-complete' }, at);
      at.state.prefixLists.set(old.id, restored);
      return { PrefixList: { ...describePrefixList(old, at), State: prefixListState(restored, at) } };
    },
  ),
  DeleteManagedPrefixList: ec2Change(
    'DeleteManagedPrefixList',
    ['PrefixListId'],
    (input, at) => [ec2Need('DeleteManagedPrefixList', 'prefix-list', input.PrefixListId ?? '*', at)],
    (input, at) => {
      const list = existingPrefixList(input.PrefixListId ?? '', at);
      if ([...at.state.rules.values()].some((rule) => rule.peer.kind === 'prefixList' && rule.peer.id === list.id))
        throw new AwsError(
          'DependencyViolation',
          `The prefix list '${list.id}' is referenced by a resource and cannot be deleted.`,
        );
      at.state.prefixLists.delete(list.id);
      at.state.tags.delete(list.id);
      return { PrefixList: { ...describePrefixList(list, at), State: 'delete-in-progress' } };
    },
  ),
  DescribeManagedPrefixLists: ec2Read(
    'DescribeManagedPrefixLists',
    ['PrefixListIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const lists = input.PrefixListIds?.length
        ? input.PrefixListIds.map((id) => visiblePrefixList(id, at))
        : [...ownPrefixLists(at), ...sharedPrefixLists(at)];
      const page = ec2Page(
        applyFilters(
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
      return {
        PrefixLists: page.items.map((list) => describePrefixList(list, at, list.owner)),
        NextToken: page.nextToken,
      };
    },
  ),
  GetManagedPrefixListEntries: ec2Read(
    'GetManagedPrefixListEntries',
    ['PrefixListId', 'TargetVersion', 'MaxResults', 'NextToken'],
    (input, at) => {
      const list = visiblePrefixList(input.PrefixListId ?? '', at);
      const entries = entriesOfVersion(list, input.TargetVersion ?? list.version);
      const size = input.MaxResults ?? MAX_ENTRIES_PER_PAGE;
      if (size < 1 || size > 100) throw invalidEc2Parameter(`Value ( ${size} ) for parameter maxResults is invalid.`);
      const invalidToken = () => new AwsError('InvalidNextToken', 'The specified NextToken is not valid.');
      const page = pageOf([...entries], input.NextToken, size, invalidToken);
      return { Entries: page.items.map(([Cidr, Description]) => ({ Cidr, Description })), NextToken: page.nextToken };
    },
    (input, at) => [ec2Need('GetManagedPrefixListEntries', 'prefix-list', input.PrefixListId ?? '*', at)],
  ),
};

function newPrefixList(input: sdk.CreateManagedPrefixListRequest, at: Ec2At): ManagedPrefixList {
  if (!input.PrefixListName) throw missingEc2Parameter('PrefixListName');
  if (!input.MaxEntries || input.MaxEntries < 1) throw missingEc2Parameter('MaxEntries');
  if (input.AddressFamily !== 'IPv4' && input.AddressFamily !== 'IPv6')
    throw invalidEc2Parameter(`Invalid value '${input.AddressFamily}' for AddressFamily.`);
  if (input.PrefixListName.startsWith('com.amazonaws'))
    throw invalidEc2Parameter('A prefix list name must not start with com.amazonaws.');
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
    settlesAt: at.kernel.clock.now() + SETTLE_MS,
    versions,
  };
}

/** A request changes either the size of a list or its entries. */
function modifiedPrefixList(
  list: ManagedPrefixList,
  input: sdk.ModifyManagedPrefixListRequest,
  at: Ec2At,
): ManagedPrefixList {
  const hasEntryChanges = Boolean(input.AddEntries?.length || input.RemoveEntries?.length);
  const renamed = { ...list, name: input.PrefixListName ?? list.name };
  if (input.MaxEntries !== undefined) {
    if (hasEntryChanges)
      throw new AwsError(
        'InvalidParameterCombination',
        'You cannot modify the entries and the maximum number of entries for the prefix list in the same request.',
      );
    return resizedPrefixList(renamed, input.MaxEntries, at);
  }
  if (!hasEntryChanges) return { ...renamed, state: 'modify-complete' };
  checkVersion(list, input.CurrentVersion);
  const remaining = new Map(list.versions.get(list.version));
  for (const { Cidr } of checkEntryCount(input.RemoveEntries)) {
    if (!remaining.delete(canonicalEntry(Cidr, list.family)))
      throw new AwsError('InvalidPrefixListModification', `The entry ${Cidr} is not in the prefix list.`);
  }
  const entries = withEntries(remaining, input.AddEntries, list.family, list.maxEntries);
  return { ...withVersion(renamed, entries), state: 'modify-complete' };
}

function checkVersion(list: ManagedPrefixList, current: number | undefined): void {
  if (current === undefined) throw missingEc2Parameter('CurrentVersion');
  if (current === list.version) return;
  throw new AwsError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.');
}

function entriesOfVersion(list: ManagedPrefixList, version: number | undefined): Entries {
  const entries = list.versions.get(version ?? 0);
  if (entries) return entries;
  throw invalidEc2Parameter(`The specified value for version is not valid. The list has no version ${version}.`);
}

function withVersion(list: ManagedPrefixList, entries: Entries): ManagedPrefixList {
  const version = list.version + 1;
  return { ...list, version, versions: new Map([...list.versions, [version, entries]]) };
}

const startSettling = (list: ManagedPrefixList, at: Ec2At): ManagedPrefixList => ({
  ...list,
  settlesAt: at.kernel.clock.now() + SETTLE_MS,
});

const prefixListState = ({ state, settlesAt }: ManagedPrefixList, at: Ec2At): sdk.PrefixListState =>
  at.kernel.clock.now() < settlesAt ? (state.replace(/-\w+$/, '-in-progress') as sdk.PrefixListState) : state;

function settledPrefixList(id: string, at: Ec2At): ManagedPrefixList {
  const list = existingPrefixList(id, at);
  const state = prefixListState(list, at);
  if (!state.endsWith('-in-progress')) return list;
  throw new AwsError('IncorrectState', `The prefix list '${id}' cannot be modified in the current state (${state})`);
}

/**
 * AWS checks the quotas of the security groups that reference the list asynchronously: if one would be exceeded, the
 * list keeps its size and becomes `modify-failed`.
 */
function resizedPrefixList(list: ManagedPrefixList, maxEntries: number, at: Ec2At): ManagedPrefixList {
  const entries = list.versions.get(list.version)!.size;
  if (maxEntries < entries)
    throw invalidEc2Parameter(`MaxEntries ${maxEntries} is less than the ${entries} entries of the prefix list.`);
  const resized = { ...list, maxEntries, state: 'modify-complete' as const };
  const isQuotaExceeded = (referencing: Ec2At) => {
    const groups = Map.groupBy(referencing.state.rules.values(), (rule) => `${rule.groupId} ${rule.direction}`);
    return [...groups.values()].some((rules) => exceedsRuleQuota(rules, referencing, resized));
  };
  if (![at, ...atAccountsWithAccess(list, at)].some(isQuotaExceeded)) return resized;
  return {
    ...list,
    state: 'modify-failed',
    stateMessage: 'The maximum number of rules per security group has been reached.',
  };
}

function withEntries(
  entries: Entries,
  additions: readonly sdk.AddPrefixListEntry[] | undefined,
  family: ManagedPrefixList['family'],
  maxEntries: number,
) {
  const all = new Map(entries);
  for (const { Cidr, Description } of checkEntryCount(additions)) {
    const cidr = canonicalEntry(Cidr, family);
    if (all.has(cidr) && all.get(cidr) === Description)
      throw new AwsError(
        'InvalidPrefixListModification',
        `An entry with the CIDR (${cidr}) and description (${Description ?? ''}) already exists.`,
      );
    all.set(cidr, Description);
  }
  if (all.size > maxEntries) throw tooManyEntries();
  return all;
}

const tooManyEntries = (): AwsError =>
  new AwsError('PrefixListMaxEntriesExceeded', `You've reached the maximum number of entries for the prefix list.`);

function checkEntryCount<T>(entries: readonly T[] | undefined): readonly T[] {
  if ((entries?.length ?? 0) <= MAX_ENTRIES_PER_REQUEST) return entries ?? [];
  throw new AwsError(
    'RequestLimitExceeded',
    `A request can add and remove at most ${MAX_ENTRIES_PER_REQUEST} entries.`,
  );
}

const canonicalEntry = (cidr: string | undefined, family: ManagedPrefixList['family']): string =>
  family === 'IPv4' ? canonicalIpv4(cidr ?? '') : canonicalIpv6(cidr ?? '');

function existingPrefixList(id: string, at: Ec2At): ManagedPrefixList {
  checkIdForm(id, 'pl-');
  return at.state.prefixLists.get(id) ?? raise(prefixListNotFound(id));
}

/** Returns an own list or a shared one. */
function visiblePrefixList(id: string, at: Ec2At): PrefixListWithOwner {
  checkIdForm(id, 'pl-');
  return findPrefixList(id, at) ?? raise(prefixListNotFound(id));
}

const prefixListNotFound = (id: string | undefined): AwsError =>
  new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);

function raise(error: AwsError): never {
  throw error;
}

const describePrefixList = (list: ManagedPrefixList, at: Ec2At, owner = at.account): sdk.ManagedPrefixList => ({
  PrefixListId: list.id,
  PrefixListArn: ec2Arn({ ...at, account: owner }, 'prefix-list', list.id),
  PrefixListName: list.name,
  AddressFamily: list.family,
  MaxEntries: list.maxEntries,
  Version: list.version,
  State: prefixListState(list, at),
  ...(list.stateMessage && { StateMessage: list.stateMessage }),
  OwnerId: owner,
  Tags: describeTags(list.id, at),
});
