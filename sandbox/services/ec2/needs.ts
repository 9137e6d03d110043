import type * as sdk from '@aws-sdk/client-ec2';
import type { Need } from '../../kernel/kernel.ts';
import type { Ec2At, Ec2Tags } from './state.ts';

/** Types of resources whose ARNs have no account. */
const WITHOUT_ACCOUNT = ['image', 'snapshot'];

export const ec2Arn = (at: Ec2At, type: string, id: string): string =>
  `arn:${at.partition}:ec2:${at.region}:${WITHOUT_ACCOUNT.includes(type) ? '' : at.account}:${type}/${id}`;

export function ec2Need(action: string, type: string, id: string, at: Ec2At, vpcId?: string): Need {
  return {
    action: `ec2:${action}`,
    resource: ec2Arn(at, type, id),
    context: { 'ec2:Region': at.region, ...(vpcId && { 'ec2:Vpc': ec2Arn(at, 'vpc', vpcId) }) },
    resourceTags: at.state.tags.get(id) ?? {},
  };
}

export const securityGroupNeed = (action: string, groupId: string, at: Ec2At): Need =>
  ec2Need(action, 'security-group', groupId, at, at.state.groups.get(groupId)?.vpcId);

export const ec2AccountNeed = (action: string, at: Ec2At): Need => ({
  action: `ec2:${action}`,
  resource: '*',
  context: { 'ec2:Region': at.region },
});

/** Tags at creation need ec2:CreateTags on a resource without id. */
export const tagNeeds = (
  action: string,
  specifications: readonly sdk.TagSpecification[] | undefined,
  at: Ec2At,
): Need[] =>
  (specifications ?? []).map(({ ResourceType, Tags }) => {
    const need = withRequestTags(ec2Need('CreateTags', ResourceType ?? '*', '*', at), Tags);
    return { ...need, context: { ...need.context, 'ec2:CreateAction': action } };
  });

const RESOURCE_TYPES: Readonly<Record<string, string>> = {
  vpc: 'vpc',
  subnet: 'subnet',
  acl: 'network-acl',
  sg: 'security-group',
  sgr: 'security-group-rule',
  eni: 'network-interface',
  pl: 'prefix-list',
  vol: 'volume',
  snap: 'snapshot',
  ami: 'image',
  i: 'instance',
  fl: 'vpc-flow-log',
  tgw: 'transit-gateway',
};

export const withRequestTags = (need: Need, tags: readonly sdk.Tag[] | undefined): Need => {
  const requested = Object.entries(tagRecord(tags)).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    ...need,
    context: {
      ...need.context,
      ...Object.fromEntries(requested),
      'aws:TagKeys': (tags ?? []).map((tag) => tag.Key ?? ''),
    },
  };
};

export const resourceTypeOf = (id: string): string => RESOURCE_TYPES[id.slice(0, id.indexOf('-'))] ?? '*';

export const tagRecord = (tags: readonly sdk.Tag[] | undefined): Ec2Tags =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
