/** Calls, groups and lists as people read them. */
import type { Holder, PlannedCall } from '../contract/command.ts';
import { type Cidr, formatCidr } from '../planning/cidr.ts';
import { countOf, perFamily } from '../planning/place.ts';
import type { ListStep, PrefixList } from '../planning/plan-lists.ts';
import type { Group, Limits, Rule, Step } from '../planning/state.ts';

export function callOf(step: Step): PlannedCall {
  switch (step.kind) {
    case 'create':
      return { call: 'CreateSecurityGroup', on: step.group };
    case 'seal':
      return { call: 'RevokeSecurityGroupEgress', on: step.group, detail: 'the rule that lets everything out' };
    case 'authorize':
      return { call: 'AuthorizeSecurityGroupIngress', on: step.group, add: step.rules.map(ruleText) };
    case 'revoke':
      return { call: 'RevokeSecurityGroupIngress', on: step.group, remove: step.rules.map(ruleText) };
    case 'attach':
      return { call: attachCall(step.point.kind), on: step.point.id, detail: `with ${step.groups.join(', ')} too` };
    case 'detach':
      return { call: attachCall(step.point.kind), on: step.point.id, detail: `without ${step.groups.join(', ')}` };
    case 'delete':
      return { call: 'DeleteSecurityGroup', on: step.group };
  }
}

export function listCallOf(step: ListStep): PlannedCall {
  switch (step.kind) {
    case 'create-list':
      return {
        call: 'CreateManagedPrefixList',
        on: step.family,
        add: step.add.map(formatCidr),
        detail: `for ${step.maxEntries} entries`,
      };
    case 'resize-list':
      return { call: 'ModifyManagedPrefixList', on: step.list.id, detail: `for ${step.maxEntries} entries` };
    case 'modify-list':
      return {
        call: 'ModifyManagedPrefixList',
        on: step.list?.id ?? step.family,
        add: step.add.map(formatCidr),
        remove: step.remove.map(formatCidr),
      };
    case 'share-list':
      return { call: 'share', on: step.list?.id ?? step.family, detail: `with ${step.principals.join(', ')}` };
  }
}

export const holderOf = ({ id, name, own, foreignWeight }: Group, { rules }: Limits): Holder => ({
  id,
  name,
  own: perFamily((family) => countOf(own, family)),
  others: { ...foreignWeight },
  limit: rules,
});

export const listHolderOf = ({ id, family, own, foreign, maxEntries }: PrefixList): Holder => ({
  id,
  name: family,
  own: perFamily((each) => inFamily(own, each)),
  others: perFamily((each) => inFamily(foreign, each)),
  limit: maxEntries,
});

/** `443/tcp from 192.0.2.0/24`. */
export const ruleText = ({ protocol, from, to, cidr }: Rule): string =>
  `${from === to ? from : `${from}-${to}`}/${protocol} from ${formatCidr(cidr)}`;

const attachCall = (kind: 'interface' | 'balancer') =>
  kind === 'interface' ? 'ModifyNetworkInterfaceAttribute' : 'SetSecurityGroups';

const inFamily = (cidrs: readonly Cidr[], family: Cidr['family']) =>
  cidrs.filter((cidr) => cidr.family === family).length;
