import type { ResourceTags } from '../contract/remediation.ts';

/** Keys by which teams mark Terraform's resources; the value names Terraform or is `true`. */
const TERRAFORM_KEYS = /^(terraform|managed[-_ ]?by|provisioner|iac|created[-_ ]?by|tool)$/i;

/** Returns for example `CloudFormation stack web`. */
export function ownerOf(tags: ResourceTags): string | undefined {
  const stack = tags['aws:cloudformation:stack-name'];
  if (stack) return `CloudFormation stack ${stack}`;
  const mark = Object.entries(tags).find(
    ([key, value]) =>
      TERRAFORM_KEYS.test(key) && (/terraform|opentofu/i.test(value) || (/^terraform$/i.test(key) && value === 'true')),
  );
  // Not the value: it could be any text, addressed to the person who approves the change.
  return mark && `Terraform (tag ${mark[0]})`;
}

/** Returns a warning that the owner's next deployment undoes the change. */
export const ownerNote = (tags: ResourceTags): string => {
  const owner = ownerOf(tags);
  return owner ? `; managed by ${owner}: change it there too, or its next deployment undoes this` : '';
};
