/** Shows calls, groups and lists as people read them. */
import type { Holder, PlannedCall } from '../contract/command.ts';
import { formatCidr } from '../planning/cidr.ts';
import type { ListStep, RangeList } from '../planning/plan-lists.ts';
import { countOf, type GroupLimits, type GroupStep, perFamily, type RangeGroup, ruleText } from '../planning/state.ts';

export function callOf(step: GroupStep): PlannedCall {
  switch (step.kind) {
    case 'create':
      return { call: 'CreateSecurityGroup', on: step.group };
    case 'seal':
      return { call: 'RevokeSecurityGroupEgress', on: step.group, detail: 'the rule that lets everything out' };
    case 'adopt': {
      const rules = step.rules.map(ruleText).join(', ');
      return { call: 'CreateTags', on: step.group, detail: `as rules of Suture: ${rules}` };
    }
    case 'authorize':
      return { call: 'AuthorizeSecurityGroupIngress', on: step.group, add: step.rules.map(ruleText) };
    case 'revoke':
      return { call: 'RevokeSecurityGroupIngress', on: step.group, remove: step.rules.map(ruleText) };
    case 'attach':
    case 'detach': {
      const call = step.point.kind === 'interface' ? 'ModifyNetworkInterfaceAttribute' : 'SetSecurityGroups';
      const groups = step.groups.join(', ');
      return { call, on: step.point.id, detail: step.kind === 'attach' ? `with ${groups} too` : `without ${groups}` };
    }
    case 'delete':
      return { call: 'DeleteSecurityGroup', on: step.group };
  }
}

export function listCallOf(step: ListStep): PlannedCall {
  const on = step.list?.id ?? step.family;
  switch (step.kind) {
    case 'create-list': {
      const detail = `for ${step.maxEntries} entries`;
      return { call: 'CreateManagedPrefixList', on, add: step.add.map(formatCidr), detail };
    }
    case 'resize-list':
      return { call: 'ModifyManagedPrefixList', on, detail: `for ${step.maxEntries} entries` };
    case 'modify-list': {
      const [add, remove] = [step.add.map(formatCidr), step.remove.map(formatCidr)];
      return { call: 'ModifyManagedPrefixList', on, add, remove };
    }
    case 'share-list':
      return { call: 'share', on, detail: `with ${step.principals.join(', ')}` };
    case 'delete-list':
      return { call: 'DeleteManagedPrefixList', on };
  }
}

export const groupHolder = ({ id, name, own, foreignWeight }: RangeGroup, { rules }: GroupLimits): Holder => ({
  id,
  name,
  own: perFamily((family) => countOf(own, family)),
  others: { ...foreignWeight },
  limit: rules,
});

export const listHolder = ({ id, family, own, foreign, maxEntries }: RangeList): Holder => ({
  id,
  name: family,
  own: perFamily((each) => (each === family ? own.length : 0)),
  others: perFamily((each) => (each === family ? foreign.length : 0)),
  limit: maxEntries,
});
