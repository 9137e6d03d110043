/** An account's customer key, which encrypts everything that Suture stores there. */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  PolicyDocument,
  PolicyStatement,
  type PolicyStatementProps,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { dnsSuffix, viaService } from '../names.ts';

export type KeyPlace = { readonly partition: string; readonly account: string; readonly region: string };

/**
 * Principals of the account use the key as their own policies allow, only through AWS services. Service principals use
 * it for Suture's log groups and alarms, and for the statements in `more`.
 */
export const customerKey = (scope: Construct, place: KeyPlace, more: readonly PolicyStatementProps[] = []): Key =>
  new Key(scope, 'Key', {
    alias: 'alias/suture',
    description: "Encrypts Suture's tables, queues, topics and logs",
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    policy: new PolicyDocument({
      statements: [ADMINISTRATION, useThroughServices(place), logs(place), alarms(place), ...more].map(
        (statement) => new PolicyStatement(statement),
      ),
    }),
  });

/** Without this the key could never be changed. It has no cryptographic action. */
const ADMINISTRATION = {
  sid: 'Administer',
  principals: [new AccountRootPrincipal()],
  actions: [
    'kms:CancelKeyDeletion',
    'kms:CreateAlias',
    'kms:DeleteAlias',
    'kms:Describe*',
    'kms:DisableKey*',
    'kms:EnableKey*',
    'kms:Get*',
    'kms:List*',
    'kms:PutKeyPolicy',
    'kms:RevokeGrant',
    'kms:RotateKeyOnDemand',
    'kms:ScheduleKeyDeletion',
    'kms:TagResource',
    'kms:UntagResource',
    'kms:UpdateAlias',
    'kms:UpdateKeyDescription',
  ],
  resources: ['*'],
};

const useThroughServices = ({ region }: KeyPlace) => ({
  sid: 'UseThroughServices',
  principals: [new AccountRootPrincipal()],
  actions: ['kms:CreateGrant', 'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
  resources: ['*'],
  conditions: { StringLike: { 'kms:ViaService': viaService('*', region) } },
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const logs = ({ partition, account, region }: KeyPlace) => ({
  sid: 'EncryptLogs',
  principals: [new ServicePrincipal(`logs.${region}.${dnsSuffix(region)}`)],
  actions: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
  resources: ['*'],
  conditions: {
    ArnLike: {
      'kms:EncryptionContext:aws:logs:arn': [
        '/aws/lambda/suture-*',
        '/aws/vendedlogs/states/suture-*',
        '/aws/apigateway/suture',
      ].map((group) => `arn:${partition}:logs:${region}:${account}:log-group:${group}`),
    },
  },
});

/** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const alarms = ({ partition, account, region }: KeyPlace) => ({
  sid: 'SendAlarms',
  principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  resources: ['*'],
  conditions: {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:suture-*` },
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export const deadLetterKeyStatement = ({ partition, account, region }: KeyPlace) => ({
  sid: 'KeepDeadLetters',
  principals: [new ServicePrincipal('events.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: ['*'],
  conditions: {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: {
      'aws:SourceArn': ['suture-*', 'suture/suture-*'].map(
        (rule) => `arn:${partition}:events:${region}:${account}:rule/${rule}`,
      ),
    },
  },
});

/** A machine's role, and the machines whose histories it writes or reads. */
export type MachineKeyUse = { readonly sid: string; readonly roleArn: string; readonly histories: readonly string[] };

/**
 * Lets the roles of state machines use the key for histories only, and log delivery for logs.
 * https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
 */
export const workflowKeyStatements = (place: KeyPlace, machines: readonly MachineKeyUse[]) => [
  ...machines.map(({ sid, roleArn, histories }) => ({
    sid,
    principals: [new AccountRootPrincipal()],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: {
      ArnEquals: { 'aws:PrincipalArn': roleArn },
      StringEquals: { [WORKFLOW_CONTEXT]: histories },
    },
  })),
  {
    sid: 'StartLogDelivery',
    principals: [new AccountRootPrincipal()],
    actions: ['kms:GenerateDataKey'],
    resources: ['*'],
    conditions: {
      ArnEquals: { 'aws:PrincipalArn': machines.map(({ roleArn }) => roleArn) },
      StringEquals: { [LOG_DELIVERY_CONTEXT]: logDeliveryArns(place) },
    },
  },
  {
    sid: 'DeliverLogs',
    principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    conditions: { StringEquals: { [LOG_DELIVERY_CONTEXT]: logDeliveryArns(place) } },
  },
];

/** Step Functions and log delivery use this key of the encryption context. */
export const WORKFLOW_CONTEXT = 'kms:EncryptionContext:aws:states:stateMachineArn';
export const LOG_DELIVERY_CONTEXT = 'kms:EncryptionContext:SourceArn';
export const logDeliveryArns = ({ partition, region, account }: KeyPlace) =>
  `arn:${partition}:logs:${region}:${account}:*`;
