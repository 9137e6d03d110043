/**
 * What calls of EC2 need in IAM: ARNs, and the context that a resource brings.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import type { Need } from '../../kernel/kernel.ts';
import type { Ec2, Tags } from './state.ts';

export const arnOf = (at: Ec2, type: string, id: string): string =>
  `arn:${at.partition}:ec2:${at.region}:${at.account}:${type}/${id}`;

/** A need on one resource of EC2, with its tags and, where it lies in one, its VPC. A resource that isn't there has neither. */
export function needOn(action: string, type: string, id: string, at: Ec2, vpcId?: string): Need {
  return {
    action: `ec2:${action}`,
    resource: arnOf(at, type, id),
    context: { 'ec2:Region': at.region, ...(vpcId && { 'ec2:Vpc': arnOf(at, 'vpc', vpcId) }) },
    resourceTags: at.state.tags.get(id) ?? {},
  };
}

export const needOnGroup = (action: string, groupId: string, at: Ec2): Need =>
  needOn(action, 'security-group', groupId, at, at.state.groups.get(groupId)?.vpcId);

/** A need that has no resource type in IAM. */
export const needOnAll = (action: string, at: Ec2): Need => ({
  action: `ec2:${action}`,
  resource: '*',
  context: { 'ec2:Region': at.region },
});

/** Tags at creation are decided as ec2:CreateTags on resources that have no id yet. */
export const tagNeeds = (
  action: string,
  specifications: readonly sdk.TagSpecification[] | undefined,
  at: Ec2,
): Need[] =>
  (specifications ?? []).map(({ ResourceType, Tags }) => {
    const need = withRequestTags(needOn('CreateTags', ResourceType ?? '*', '*', at), Tags);
    return { ...need, context: { ...need.context, 'ec2:CreateAction': action } };
  });

/** Resource types by the prefix of their ids. */
const TYPES: Readonly<Record<string, string>> = {
  vpc: 'vpc',
  subnet: 'subnet',
  acl: 'network-acl',
  sg: 'security-group',
  sgr: 'security-group-rule',
  eni: 'network-interface',
  pl: 'prefix-list',
};

/** Adds the tags of the request to what IAM knows. */
export const withRequestTags = (need: Need, tags: readonly sdk.Tag[] | undefined): Need => {
  const requested = Object.entries(recordOf(tags)).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    ...need,
    context: {
      ...need.context,
      ...Object.fromEntries(requested),
      'aws:TagKeys': (tags ?? []).map((one) => one.Key ?? ''),
    },
  };
};

/** The resource type of an id, by its prefix. */
export const typeOf = (id: string): string => TYPES[id.slice(0, id.indexOf('-'))] ?? '*';

export const recordOf = (tags: readonly sdk.Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
