/**
 * One stack for each family of remediations (`functions/remediations/<service>`), far below CloudFormation's limit of
 * 500 resources.
 */
import type { StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import { type MemberRolePart, partOf } from '../functions/domain/member-role-parts.ts';
import type { Bundles } from './constructs/function.ts';
import { RemediationFunction } from './constructs/remediation-function.ts';
import type { SutureContext } from './context.ts';
import { InstallationStack } from './names.ts';

export type RemediationsStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  /** The member roles of all stacks. */
  readonly parts: readonly MemberRolePart[];
  readonly bundles: Bundles;
  readonly key: IKey;
};

export class RemediationsStack extends InstallationStack {
  constructor(scope: Construct, id: string, options: RemediationsStackProps) {
    const { remediations, parts, context, bundles, key, ...props } = options;
    super(scope, id, { ...props, context });
    for (const remediation of remediations)
      new RemediationFunction(this, remediation.id.slice(remediation.id.indexOf('/') + 1), {
        remediation,
        part: partOf(parts, remediation),
        context,
        bundles,
        key,
      });
  }
}
