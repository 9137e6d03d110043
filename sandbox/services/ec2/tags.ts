import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { ec2Need, resourceTypeOf, tagRecord, withRequestTags } from './needs.ts';
import { applyFilters, type Ec2Operations, ec2Change, ec2Page, ec2Read } from './requests.ts';
import type { Ec2At } from './state.ts';

export const tagOperations: Ec2Operations = {
  CreateTags: ec2Change(
    'CreateTags',
    ['Resources', 'Tags'],
    (input, at) =>
      (input.Resources ?? []).map((id) => withRequestTags(taggedResourceNeed('CreateTags', id, at), input.Tags)),
    (input, at) => {
      for (const id of input.Resources ?? []) addTags(id, input.Tags, at);
      return {};
    },
  ),
  DeleteTags: ec2Change(
    'DeleteTags',
    ['Resources', 'Tags'],
    (input, at) =>
      (input.Resources ?? []).map((id) => withRequestTags(taggedResourceNeed('DeleteTags', id, at), input.Tags)),
    (input, at) => {
      for (const id of input.Resources ?? []) removeTags(id, input.Tags, at);
      return {};
    },
  ),
  DescribeTags: ec2Read('DescribeTags', ['Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const all = [...at.state.tags].flatMap(([id, tags]) =>
      Object.entries(tags).map(([key, value]) => ({ id, key, value })),
    );
    const matching = applyFilters(
      all,
      input.Filters,
      {
        'resource-id': (item) => item.id,
        'resource-type': (item) => resourceTypeOf(item.id),
        key: (item) => item.key,
        value: (item) => item.value,
      },
      at,
    );
    const page = ec2Page(matching, input);
    const Tags = page.items.map((item) => ({
      ResourceId: item.id,
      ResourceType: resourceTypeOf(item.id) as sdk.ResourceType,
      Key: item.key,
      Value: item.value,
    }));
    return { Tags, NextToken: page.nextToken };
  }),
};

export const describeTags = (id: string, at: Ec2At): sdk.Tag[] =>
  Object.entries(at.state.tags.get(id) ?? {}).map(([Key, Value]) => ({ Key, Value }));

export function tagNewResource(
  id: string,
  specifications: readonly sdk.TagSpecification[] | undefined,
  at: Ec2At,
): void {
  const specification = specifications?.find(({ ResourceType }) => ResourceType === resourceTypeOf(id));
  if (specification?.Tags?.length) at.state.tags.set(id, tagRecord(specification.Tags));
}

function addTags(id: string, tags: readonly sdk.Tag[] | undefined, at: Ec2At): void {
  checkResourceExists(id, at);
  const merged = { ...at.state.tags.get(id), ...tagRecord(tags) };
  if (Object.keys(merged).length > 50)
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  at.state.tags.set(id, merged);
}

/** Deletes all tags if the request names none; a tag with a value only if the value is equal. */
function removeTags(id: string, tags: readonly sdk.Tag[] | undefined, at: Ec2At): void {
  checkResourceExists(id, at);
  const isDeleted = ([key, value]: [string, string]) =>
    !tags?.length || tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
  at.state.tags.set(
    id,
    Object.fromEntries(Object.entries(at.state.tags.get(id) ?? {}).filter((entry) => !isDeleted(entry))),
  );
}

function checkResourceExists(id: string, at: Ec2At): void {
  const { tags: _tags, clientTokens: _tokens, ...resources } = at.state;
  if (Object.values(resources).some((map) => map instanceof Map && map.has(id))) return;
  throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
}

const taggedResourceNeed = (action: string, id: string, at: Ec2At): Need => {
  const vpcId = (at.state.groups.get(id) ?? at.state.subnets.get(id) ?? at.state.interfaces.get(id))?.vpcId;
  return ec2Need(action, resourceTypeOf(id), id, at, vpcId);
};
