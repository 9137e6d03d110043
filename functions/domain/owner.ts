/** Who else manages a resource, by the marks that infrastructure as code leaves in its tags. */
import type { ResourceTags } from '../contract/remediation.ts';

/** Tag keys by which teams say that Terraform manages a resource; the value says it too, or `true`. */
const TERRAFORM_KEYS = /^(terraform|managed[-_ ]?by|provisioner|iac|created[-_ ]?by|tool)$/i;

/** For example `CloudFormation stack web`; undefined where no mark is found. */
export function ownerOf(tags: ResourceTags): string | undefined {
  const stack = tags['aws:cloudformation:stack-name'];
  if (stack) return `CloudFormation stack ${stack}`;
  const mark = Object.entries(tags).find(
    ([key, value]) =>
      TERRAFORM_KEYS.test(key) && (/terraform|opentofu/i.test(value) || (/^terraform$/i.test(key) && value === 'true')),
  );
  return mark && `Terraform (tag ${mark[0]}=${mark[1]})`;
}

/** What a person must know before the owner undoes the change. */
export const ownerNote = (tags: ResourceTags): string => {
  const owner = ownerOf(tags);
  return owner ? `; managed by ${owner}: change it there too, or its next deployment undoes this` : '';
};
