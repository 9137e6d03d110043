/**
 * One stack for each family of remediations (`functions/remediations/<service>`), far below CloudFormation's limit of
 * 500 resources.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import type { Bundles } from './constructs/function.ts';
import { RemediationFunction } from './constructs/remediation-function.ts';
import type { SutureContext } from './context.ts';

export type RemediationsStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  readonly bundles: Bundles;
  readonly key: IKey;
};

export class RemediationsStack extends Stack {
  constructor(scope: Construct, id: string, { remediations, context, bundles, key, ...props }: RemediationsStackProps) {
    super(scope, id, props);
    for (const remediation of remediations)
      new RemediationFunction(this, remediation.id.slice(remediation.id.indexOf('/') + 1), {
        remediation,
        context,
        bundles,
        key,
      });
  }
}

export const familyOf = ({ id }: Pick<Remediation, 'id'>): string => id.slice(0, id.indexOf('/'));
