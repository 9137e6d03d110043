import type { DeclaredChange, ResourceTags } from '../contract/remediation.ts';

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

/** Returns a warning that the owner's next deployment undoes the change, with what to write there. */
export function ownerNote(tags: ResourceTags, declared?: DeclaredChange): string {
  const owner = ownerOf(tags);
  if (!owner) return '';
  const isTerraform = owner.startsWith('Terraform');
  const change = isTerraform ? declared?.terraform : declared?.cloudFormation;
  if (declared && change === undefined)
    return `; managed by ${owner}, which has no ${isTerraform ? 'argument' : 'property'} for this`;
  return `; managed by ${owner}: ${change ? `set ${change}` : 'change it'} there too, or its next deployment undoes this`;
}
