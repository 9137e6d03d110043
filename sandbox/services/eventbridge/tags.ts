/** Tags of buses and rules. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-tagging.html */
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { type RecordTags, TAG_LIST } from '../../records/tag-forms.ts';
import { parseArn } from '../arn.ts';
import type { EventBridgeAt, EventBridgeOperations, EventBus, EventRule } from './state.ts';

const MAX_TAGS = 50;

/** @throws AwsError LimitExceededException, ValidationException for tags that AWS reserves */
export function checkedTags(tags: RecordTags): RecordTags {
  if (Object.keys(tags).length > MAX_TAGS)
    throw new AwsError('LimitExceededException', `A resource has at most ${MAX_TAGS} tags.`);
  if (Object.keys(tags).some((key) => /^aws:/i.test(key)))
    throw new AwsError('ValidationException', 'Tag keys must not start with aws:, which is reserved.');
  return tags;
}

export const eventBridgeTags = (list: unknown): RecordTags => checkedTags(TAG_LIST.read(list));

type ByArn = { readonly ResourceARN: string | undefined };

const tagNeeds =
  (action: string) =>
  (input: ByArn): readonly Need[] => [{ action: `events:${action}`, resource: input.ResourceARN ?? '*' }];

/** @throws AwsError ResourceNotFoundException */
function taggedResource(at: EventBridgeAt, { ResourceARN = '' }: ByArn): EventBus | EventRule {
  const [type, ...names] = (ResourceARN.startsWith('arn:') ? parseArn(ResourceARN).resource : '').split('/');
  const bus = at.state.buses.get(type === 'rule' && names.length === 1 ? 'default' : (names[0] ?? ''));
  const found = type === 'rule' ? bus?.rules.get(names.at(-1)!) : bus;
  if (found?.arn === ResourceARN) return found;
  throw new AwsError('ResourceNotFoundException', `Resource ${ResourceARN} does not exist.`);
}

export const eventBridgeTagOperations: EventBridgeOperations = {
  ListTagsForResource: {
    needs: tagNeeds('ListTagsForResource'),
    run: (input, at) => ({ Tags: TAG_LIST.write(taggedResource(at, input).tags) as { Key: string; Value: string }[] }),
  },
  TagResource: {
    needs: tagNeeds('TagResource'),
    run: (input, at) => {
      const found = taggedResource(at, input);
      found.tags = checkedTags({ ...found.tags, ...TAG_LIST.read(input.Tags) });
      return {};
    },
  },
  UntagResource: {
    needs: tagNeeds('UntagResource'),
    run: (input, at) => {
      const found = taggedResource(at, input);
      found.tags = Object.fromEntries(Object.entries(found.tags).filter(([key]) => !input.TagKeys?.includes(key)));
      return {};
    },
  },
};
