/** The owner of a resource, by the tags that infrastructure as code leaves. */
import type { ResourceTags } from '../contract/remediation.ts';

/** Tag keys by which teams mark resources of Terraform, with a value that names it, or `true`. */
const TERRAFORM_KEYS = /^(terraform|managed[-_ ]?by|provisioner|iac|created[-_ ]?by|tool)$/i;

/** Returns the owner, such as `CloudFormation stack web`; undefined where no tag names one. */
export function ownerOf(tags: ResourceTags): string | undefined {
  const stack = tags['aws:cloudformation:stack-name'];
  if (stack) return `CloudFormation stack ${stack}`;
  const mark = Object.entries(tags).find(
    ([key, value]) =>
      TERRAFORM_KEYS.test(key) && (/terraform|opentofu/i.test(value) || (/^terraform$/i.test(key) && value === 'true')),
  );
  return mark && `Terraform (tag ${mark[0]}=${mark[1]})`;
}

/** Returns a warning that the owner's next deployment undoes the change; empty where no tag names an owner. */
export const ownerNote = (tags: ResourceTags): string => {
  const owner = ownerOf(tags);
  return owner ? `; managed by ${owner}: change it there too, or its next deployment undoes this` : '';
};
