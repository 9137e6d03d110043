import type { Tag } from '@aws-sdk/client-kms';
import { AwsError } from '../../kernel/kernel.ts';
import type { Principal } from '../../kernel/principal.ts';

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/**
 * https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
 * @throws AwsError TagException, ValidationException
 */
export function parseKeyTags(
  tags: readonly Tag[] | undefined,
  principal: Principal,
  existing: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const parsed = new Map<string, string>();
  for (const [index, { TagKey = '', TagValue = '' }] of (tags ?? []).entries()) {
    const member = `tags.${index + 1}.member`;
    if (TagKey === '') throw wrongLength(TagKey, `${member}.tagKey`, 'greater than or equal to 1');
    if (TagKey.length > MAX_KEY_LENGTH)
      throw wrongLength(TagKey, `${member}.tagKey`, `less than or equal to ${MAX_KEY_LENGTH}`);
    if (TagValue.length > MAX_VALUE_LENGTH)
      throw wrongLength(TagValue, `${member}.tagValue`, `less than or equal to ${MAX_VALUE_LENGTH}`);
    if (/^aws:/i.test(TagKey) && !maySetReserved(principal))
      throw new AwsError('TagException', 'Tags beginning with aws: are reserved');
    if (parsed.has(TagKey)) throw new AwsError('TagException', `Duplicate tag key: ${TagKey}`);
    parsed.set(TagKey, TagValue);
  }
  if (new Set([...existing.keys(), ...parsed.keys()]).size > MAX_TAGS)
    throw new AwsError('TagException', `A key can have at most ${MAX_TAGS} tags`);
  return parsed;
}

/** CloudFormation sets `aws:cloudformation:…`. */
const maySetReserved = (principal: Principal): boolean =>
  principal.kind === 'session' && principal.invokedBy !== undefined;

const wrongLength = (value: string, member: string, constraint: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have length ${constraint}`,
  );
