/**
 * Tags of EC2 resources, alone and at creation.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { needOn, recordOf, typeOf, withRequestTags } from './needs.ts';
import { changes, described, type Ec2Operations, filtered, reads } from './requests.ts';
import type { Ec2 } from './state.ts';

export const tagOperations: Ec2Operations = {
  CreateTags: changes(
    'CreateTags',
    ['Resources', 'Tags'],
    (input, at) => (input.Resources ?? []).map((id) => withRequestTags(needOnTagged('CreateTags', id, at), input.Tags)),
    (input, at) => {
      for (const id of input.Resources ?? []) tag(id, input.Tags, at);
      return {};
    },
  ),
  DeleteTags: changes(
    'DeleteTags',
    ['Resources', 'Tags'],
    (input, at) => (input.Resources ?? []).map((id) => withRequestTags(needOnTagged('DeleteTags', id, at), input.Tags)),
    (input, at) => {
      for (const id of input.Resources ?? []) untag(id, input.Tags, at);
      return {};
    },
  ),
  DescribeTags: reads('DescribeTags', ['Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const all = [...at.state.tags].flatMap(([id, tags]) =>
      Object.entries(tags).map(([key, value]) => ({ id, key, value })),
    );
    const found = filtered(
      all,
      input.Filters,
      {
        'resource-id': (item) => item.id,
        'resource-type': (item) => typeOf(item.id),
        key: (item) => item.key,
        value: (item) => item.value,
      },
      at,
    );
    const page = described(found, input);
    const Tags = page.items.map((item) => ({
      ResourceId: item.id,
      ResourceType: typeOf(item.id) as sdk.ResourceType,
      Key: item.key,
      Value: item.value,
    }));
    return { Tags, NextToken: page.nextToken };
  }),
};

/** The tags of a resource, as descriptions show them. */
export const tagsOf = (id: string, at: Ec2): sdk.Tag[] =>
  Object.entries(at.state.tags.get(id) ?? {}).map(([Key, Value]) => ({ Key, Value }));

/** Tags a resource that was just made with what the request says for its type. */
export function tagNew(id: string, specifications: readonly sdk.TagSpecification[] | undefined, at: Ec2): void {
  const specification = specifications?.find((one) => one.ResourceType === typeOf(id));
  if (specification?.Tags?.length) at.state.tags.set(id, recordOf(specification.Tags));
}

function tag(id: string, tags: readonly sdk.Tag[] | undefined, at: Ec2): void {
  mustExist(id, at);
  const merged = { ...at.state.tags.get(id), ...recordOf(tags) };
  if (Object.keys(merged).length > 50) {
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
  at.state.tags.set(id, merged);
}

/** Without tags in the request all of them go; a tag with a value goes only with that value. */
function untag(id: string, tags: readonly sdk.Tag[] | undefined, at: Ec2): void {
  mustExist(id, at);
  const gone = ([key, value]: [string, string]) =>
    !tags?.length || tags.some((one) => one.Key === key && (one.Value === undefined || one.Value === value));
  at.state.tags.set(
    id,
    Object.fromEntries(Object.entries(at.state.tags.get(id) ?? {}).filter((entry) => !gone(entry))),
  );
}

function mustExist(id: string, at: Ec2): void {
  const { vpcs, subnets, groups, rules, interfaces, prefixLists } = at.state;
  if ([vpcs, subnets, groups, rules, interfaces, prefixLists].some((held) => held.has(id))) return;
  throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
}

const needOnTagged = (action: string, id: string, at: Ec2): Need => {
  const vpcId = (at.state.groups.get(id) ?? at.state.subnets.get(id) ?? at.state.interfaces.get(id))?.vpcId;
  return needOn(action, typeOf(id), id, at, vpcId);
};
