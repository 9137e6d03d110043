/** The bus on which Suture tells subscribers what became of findings. Rules of this account may match its events. */
import { CfnEventBus } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { EVENT_BUS } from '../names.ts';
import type { KeyPlace } from './key.ts';
import type { Allowance } from './role.ts';

/** Not by CDK's own construct, which would let the key be used for what its policy does not say. */
export const eventBus = (scope: Construct, key: IKey): CfnEventBus =>
  new CfnEventBus(scope, 'Events', {
    name: EVENT_BUS,
    description: 'What became of findings: suture.finding.*',
    kmsKeyIdentifier: key.keyArn,
  });

export const busArn = ({ partition, region, account }: KeyPlace, name: string) =>
  `arn:${partition}:events:${region}:${account}:event-bus/${name}`;

/** What a function needs to publish. */
export const publishEvents = (place: KeyPlace): Allowance => ({
  actions: ['events:PutEvents'],
  on: busArn(place, EVENT_BUS),
});

/**
 * For the bus, and for the archive of findings on the default bus, whose calls bear no source but this context.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-archives-cmkey.html
 */
export const encryptEvents = (place: KeyPlace) => [
  {
    sid: 'ValidateKeyForEvents',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:DescribeKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': place.account } },
  },
  {
    sid: 'EncryptEvents',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
    resources: ['*'],
    conditions: {
      StringEquals: {
        'kms:EncryptionContext:aws:events:event-bus:arn': [EVENT_BUS, 'default'].map((bus) => busArn(place, bus)),
      },
    },
  },
];
