/** Suture publishes the outcomes of findings on this bus. Rules of this account may match its events. */
import { CfnEventBus } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { namesOf } from '../../functions/domain/names.ts';
import { namesIn } from '../names.ts';
import type { KeyPlace } from './key.ts';
import type { Allowance } from './role.ts';

/** CDK's own construct would extend the key's policy. */
export const eventBus = (scope: Construct, key: IKey): CfnEventBus =>
  new CfnEventBus(scope, 'Events', {
    name: namesIn(scope).eventBus,
    description: 'Outcomes of findings: suture.finding.*',
    kmsKeyIdentifier: key.keyArn,
  });

export const busArn = ({ partition, region, account }: Omit<KeyPlace, 'prefix'>, name: string) =>
  `arn:${partition}:events:${region}:${account}:event-bus/${name}`;

export const publishAllowance = (place: KeyPlace): Allowance => ({
  actions: ['events:PutEvents'],
  on: busArn(place, namesOf(place).eventBus),
});

/**
 * Lets EventBridge encrypt the bus and the archive of the default bus. The archive's calls carry this context but no
 * source, so DescribeKey has no condition, as in AWS's example; it reads nothing but the key's description.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
 */
export const eventKeyStatements = (place: KeyPlace) => [
  {
    sid: 'ValidateKeyForEvents',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:DescribeKey'],
    resources: ['*'],
  },
  {
    sid: 'EncryptEvents',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
    resources: ['*'],
    conditions: {
      StringEquals: {
        'kms:EncryptionContext:aws:events:event-bus:arn': [namesOf(place).eventBus, 'default'].map((bus) =>
          busArn(place, bus),
        ),
      },
    },
  },
];
