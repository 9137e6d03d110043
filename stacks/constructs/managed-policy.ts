import { Validations } from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import { namesIn } from '../names.ts';
import { templatePolicy, wildcardsOf } from './policy-document.ts';

export type ManagedPolicy = {
  readonly partition: string;
  readonly name: string;
  readonly description: string;
  readonly policy: PolicyDocument;
  readonly because: string;
};

export function managedPolicy(scope: Construct, id: string, options: ManagedPolicy) {
  const { partition, name, description, because } = options;
  // An installation is in one partition, whose name is shorter than a reference to it.
  const policy: PolicyDocument = JSON.parse(JSON.stringify(options.policy).replaceAll('${AWS::Partition}', partition));
  const resource = new CfnManagedPolicy(scope, id, {
    managedPolicyName: name,
    path: namesIn(scope).rolePath,
    description,
    policyDocument: templatePolicy(policy),
  });
  for (const wildcard of wildcardsOf(policy))
    Validations.of(resource).acknowledge({ id: `AwsSolutions-IAM5[${wildcard}]`, reason: because });
  return resource;
}
