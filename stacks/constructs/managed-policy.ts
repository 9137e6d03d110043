import { Validations } from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import { ROLE_PATH } from '../names.ts';
import { templatePolicy, wildcardsOf } from './policy-document.ts';

export type ManagedPolicy = {
  readonly name: string;
  readonly description: string;
  readonly policy: PolicyDocument;
  readonly because: string;
};

export function managedPolicy(scope: Construct, id: string, { name, description, policy, because }: ManagedPolicy) {
  const managed = new CfnManagedPolicy(scope, id, {
    managedPolicyName: name,
    path: ROLE_PATH,
    description,
    policyDocument: templatePolicy(policy),
  });
  for (const wildcard of wildcardsOf(policy))
    Validations.of(managed).acknowledge({ id: `AwsSolutions-IAM5[${wildcard}]`, reason: because });
  return managed;
}
