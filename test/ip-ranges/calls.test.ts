import { describe, expect, it } from 'vitest';
import { callOf } from '../../ip-ranges/function/calls.ts';
import { parseCidr } from '../../ip-ranges/planning/cidr.ts';
import { ENTRY, type ListStep, type RangeList } from '../../ip-ranges/planning/plan-lists.ts';
import type { GroupStep } from '../../ip-ranges/planning/state.ts';

const CIDR = parseCidr('192.0.2.0/24', 'IPv4');
const RULES = [{ id: 'sgr-1', protocol: 'tcp', from: 443, to: 443, cidr: CIDR } as const];
const ENTRIES = [{ ...ENTRY, id: '1', cidr: CIDR }];
const LIST = { id: 'pl-1', family: 'IPv4', own: [], foreign: [], foreignWeight: { IPv4: 0, IPv6: 0 } } as const;
const NAMED_LIST: RangeList = { ...LIST, maxEntries: 5, sharedWith: [], users: [] };
const NIC = { kind: 'interface', id: 'eni-1', groups: [] } as const;
const BALANCER = { kind: 'balancer', id: 'arn:lb', groups: [] } as const;
const TEXT = '443/tcp from 192.0.2.0/24';

describe('a call in a plan is shown as', () => {
  it.each<[step: GroupStep | ListStep, says: string]>([
    [{ kind: 'create', group: 'A-1' }, 'CreateSecurityGroup A-1'],
    [{ kind: 'seal', group: 'A-1' }, 'RevokeSecurityGroupEgress A-1, the rule that lets everything out'],
    [{ kind: 'adopt', group: 'sg-1', rules: RULES }, `CreateTags sg-1, as rules of Suture: ${TEXT}`],
    [{ kind: 'authorize', group: 'sg-1', rules: RULES }, `AuthorizeSecurityGroupIngress sg-1 + ${TEXT}`],
    [{ kind: 'revoke', group: 'sg-1', rules: RULES }, `RevokeSecurityGroupIngress sg-1 - ${TEXT}`],
    [{ kind: 'attach', point: NIC, groups: ['sg-1'] }, 'ModifyNetworkInterfaceAttribute eni-1, with sg-1 too'],
    [{ kind: 'detach', point: BALANCER, groups: ['sg-1'] }, 'SetSecurityGroups arn:lb, without sg-1'],
    [{ kind: 'delete', group: 'sg-1' }, 'DeleteSecurityGroup sg-1'],
    [
      { kind: 'create-list', list: { ...NAMED_LIST, id: '' }, maxEntries: 60 },
      'CreateManagedPrefixList IPv4, for 60 entries',
    ],
    [{ kind: 'resize-list', list: NAMED_LIST, maxEntries: 60 }, 'ModifyManagedPrefixList pl-1, for 60 entries'],
    [
      { kind: 'modify-list', list: NAMED_LIST, add: ENTRIES, remove: [] },
      'ModifyManagedPrefixList pl-1 + 192.0.2.0/24',
    ],
    [
      { kind: 'modify-list', list: NAMED_LIST, add: [], remove: ENTRIES },
      'ModifyManagedPrefixList pl-1 - 192.0.2.0/24',
    ],
    [
      { kind: 'share-list', list: NAMED_LIST, principals: ['444444444444'] },
      'AssociateResourceShare pl-1, with 444444444444',
    ],
    [{ kind: 'delete-list', list: NAMED_LIST }, 'DeleteManagedPrefixList pl-1'],
    [{ kind: 'delete-share', share: 'arn:share' }, 'DeleteResourceShare arn:share'],
  ])('%j', (step, says) => {
    const { call, on, add = [], remove = [], detail } = callOf(step);
    const changes = [...add.map((one) => ` + ${one}`), ...remove.map((one) => ` - ${one}`)].join('');
    expect(`${call} ${on}${changes}${detail ? `, ${detail}` : ''}`).toBe(says);
  });
});
