/**
 * Policies of repositories. They name roles and users by their unique ids, refuse those that do not exist, and have no
 * resources, because each is about its repository:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
 * https://github.com/hashicorp/terraform-provider-aws/issues/39064
 */
import type * as sdk from '@aws-sdk/client-ecr';
import { asList, type IamPolicy } from '../../authorization/policy.ts';
import type { AwsError, Kernel } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';
import { type BoundText, bindPolicy } from '../iam/bound-policy.ts';

const ecrError = sdkErrors<typeof sdk>();

/** @throws AwsError InvalidParameterException */
export function repositoryPolicy(text: string, kernel: Kernel): BoundText {
  const policy = parsed(text);
  if (asList(policy.Statement).some(({ Resource, NotResource }) => Resource ?? NotResource))
    throw refused('Invalid repository policy provided');
  const { document, names } = bindPolicy(kernel, policy, () => refused('Principal not found'));
  return names.size === 0 ? { text } : { text: JSON.stringify(document), names };
}

function parsed(text: string): IamPolicy {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('Invalid repository policy provided');
  }
}

const refused = (constraint: string): AwsError =>
  ecrError(
    'InvalidParameterException',
    `Invalid parameter at 'PolicyText' failed to satisfy constraint: '${constraint}'`,
  );
