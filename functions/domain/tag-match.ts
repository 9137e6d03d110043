/** Rules of the policy that name a tag: `key`, or `key=value`. Pure. */
import type { ResourceTags } from '../contract/remediation.ts';

export const valueOfTag = (tags: ResourceTags, key: string): string | undefined =>
  Object.hasOwn(tags, key) ? tags[key] : undefined;

/** Whether a resource with these tags has the tag that a rule names. */
export function holdsTag(tag: string, tags: ResourceTags): boolean {
  if (Object.hasOwn(tags, tag)) return true;
  const [key, ...value] = tag.split('=');
  return value.length > 0 && valueOfTag(tags, key!) === value.join('=');
}
