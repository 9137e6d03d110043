import type { Holder, PlannedCall } from '../contract/command.ts';
import { formatCidr } from '../planning/cidr.ts';
import type { RuleHolder } from '../planning/place.ts';
import type { ListStep } from '../planning/plan-lists.ts';
import { countOf, type GroupStep, type IngressRule, perFamily, ruleText } from '../planning/state.ts';

const CALLS = {
  create: 'CreateSecurityGroup',
  seal: 'RevokeSecurityGroupEgress',
  adopt: 'CreateTags',
  authorize: 'AuthorizeSecurityGroupIngress',
  revoke: 'RevokeSecurityGroupIngress',
  delete: 'DeleteSecurityGroup',
  'create-list': 'CreateManagedPrefixList',
  'resize-list': 'ModifyManagedPrefixList',
  'modify-list': 'ModifyManagedPrefixList',
  'delete-list': 'DeleteManagedPrefixList',
  'share-list': 'AssociateResourceShare',
  'delete-share': 'DeleteResourceShare',
} as const;
const ATTACHING = { interface: 'ModifyNetworkInterfaceAttribute', balancer: 'SetSecurityGroups' } as const;

export function callOf(step: GroupStep | ListStep): PlannedCall {
  if ('point' in step) {
    const groups = step.groups.join(', ');
    const detail = step.kind === 'attach' ? `with ${groups} too` : `without ${groups}`;
    return { call: ATTACHING[step.point.kind], on: step.point.id, detail };
  }
  const about = { call: CALLS[step.kind], on: placeOf(step) };
  if ('add' in step) {
    const texts = (rules: readonly IngressRule[]) => rules.map(({ cidr }) => formatCidr(cidr));
    return { ...about, add: texts(step.add), remove: texts(step.remove) };
  }
  if ('maxEntries' in step) return { ...about, detail: `for ${step.maxEntries} entries` };
  if ('principals' in step) return { ...about, detail: `with ${step.principals.join(', ')}` };
  if (step.kind === 'seal') return { ...about, detail: 'the rule that lets everything out' };
  if (!('rules' in step)) return about;
  const rules = step.rules.map(ruleText);
  if (step.kind === 'adopt') return { ...about, detail: `as rules of Suture: ${rules.join(', ')}` };
  return { ...about, [step.kind === 'authorize' ? 'add' : 'remove']: rules };
}

function placeOf(step: Exclude<GroupStep, { point: unknown }> | ListStep): string {
  if ('group' in step) return step.group;
  return 'share' in step ? step.share : step.list.id || step.list.family;
}

/** Returns a group or list as people read it. `limit`: rules or entries that it takes. */
export const holderOf = (
  { id, name, own, foreignWeight }: RuleHolder & { readonly name: string },
  limit: number,
): Holder => ({
  id,
  name,
  own: perFamily((family) => countOf(own, family)),
  others: { ...foreignWeight },
  limit,
});
