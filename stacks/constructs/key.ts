/** An account's customer keys: one encrypts everything that Suture stores there, the other its alarms. */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  AccountRootPrincipal,
  PolicyDocument,
  PolicyStatement,
  type PolicyStatementProps,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { dnsSuffix, type InstallationId, namesOf } from '../../functions/domain/names.ts';
import type { SigningFunction } from '../../functions/domain/signature.ts';
import { viaService } from '../names.ts';

/** An account and Region of an installation. */
export type KeyPlace = InstallationId & {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
};

/**
 * Adds the key of all data. Principals of the account use it as their own policies allow, only through AWS services.
 * Service principals use it for Suture's log groups, and for the statements in `more`.
 */
export const customerKey = (scope: Construct, place: KeyPlace, more: readonly PolicyStatementProps[] = []): Key =>
  new Key(scope, 'Key', {
    alias: namesOf(place).keyAlias,
    description: "Encrypts Suture's tables, queues, topics and logs",
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    policy: new PolicyDocument({
      statements: [ADMINISTRATION, useThroughServices(place), logs(place), ...more].map(
        (statement) => new PolicyStatement(statement),
      ),
    }),
  });

/**
 * Adds a key for the alarm topic alone: CloudWatch needs the topic's key, and must not use the key of Suture's data.
 */
export const alarmKey = (scope: Construct, place: KeyPlace, more: readonly PolicyStatementProps[]): Key =>
  new Key(scope, 'AlarmKey', {
    alias: namesOf(place).alarmKeyAlias,
    description: "Encrypts Suture's alarms",
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    policy: new PolicyDocument({
      statements: [ADMINISTRATION, ...more, alarms(place)].map((statement) => new PolicyStatement(statement)),
    }),
  });

/**
 * Adds a key that signs what one function of the security account permits. Nobody else may sign; functions of
 * remediations verify, as their own policies allow. It encrypts nothing, so it is deleted with its stack. AWS does not
 * rotate keys of this kind.
 */
export const signingKey = (scope: Construct, place: KeyPlace, { signer, roleArn, account }: KeySigner): Key =>
  new Key(scope, `SigningKey-${signer}`, {
    alias: namesOf(place).signingKeyAlias(signer),
    description: `Signs what ${signer} permits remediations`,
    keySpec: KeySpec.HMAC_256,
    keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
    removalPolicy: RemovalPolicy.DESTROY,
    policy: new PolicyDocument({
      statements: [ADMINISTRATION, ...signing(roleArn, account)].map((statement) => new PolicyStatement(statement)),
    }),
  });

/** A role of another account that alone signs with the key. */
export type KeySigner = { readonly signer: SigningFunction; readonly roleArn: string; readonly account: string };

/** The condition names the role's ARN, which a recreated role keeps; a principal would become the role's unique id. */
const signing = (roleArn: string, account: string) => [
  {
    sid: 'Sign',
    principals: [new AccountPrincipal(account)],
    actions: ['kms:GenerateMac'],
    resources: ['*'],
    conditions: { ArnEquals: { 'aws:PrincipalArn': roleArn } },
  },
  { sid: 'Verify', principals: [new AccountRootPrincipal()], actions: ['kms:VerifyMac'], resources: ['*'] },
];

/** Without this statement nobody could ever change the key. It has no cryptographic action. */
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

/** Lets principals of the account use an alarm topic's key as their own policies allow: functions publish to it too. */
export const publishThroughSns = ({ region }: KeyPlace) => ({
  sid: 'PublishThroughSns',
  principals: [new AccountRootPrincipal()],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  resources: ['*'],
  conditions: { StringEquals: { 'kms:ViaService': viaService('sns', region) } },
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const logs = ({ prefix, partition, account, region }: KeyPlace) => ({
  sid: 'EncryptLogs',
  principals: [new ServicePrincipal(`logs.${region}.${dnsSuffix(region)}`)],
  actions: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
  resources: ['*'],
  conditions: {
    ArnLike: {
      'kms:EncryptionContext:aws:logs:arn': [
        namesOf({ prefix }).logGroup(namesOf({ prefix }).own('*')),
        namesOf({ prefix }).workflowLogGroup(namesOf({ prefix }).own('*')),
        namesOf({ prefix }).apiLogGroup,
      ].map((group) => `arn:${partition}:logs:${region}:${account}:log-group:${group}`),
    },
  },
});

/** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const alarms = ({ prefix, partition, account, region }: KeyPlace) => ({
  sid: 'SendAlarms',
  principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  resources: ['*'],
  conditions: {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: {
      'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:${namesOf({ prefix }).own('*')}`,
    },
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export const deadLetterKeyStatement = ({ prefix, partition, account, region }: KeyPlace) => ({
  sid: 'KeepDeadLetters',
  principals: [new ServicePrincipal('events.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: ['*'],
  conditions: {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: {
      'aws:SourceArn': [
        namesOf({ prefix }).own('*'),
        `${namesOf({ prefix }).eventBus}/${namesOf({ prefix }).own('*')}`,
      ].map((rule) => `arn:${partition}:events:${region}:${account}:rule/${rule}`),
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

/** Keys of the encryption context: Step Functions uses the first, log delivery the second. */
export const WORKFLOW_CONTEXT = 'kms:EncryptionContext:aws:states:stateMachineArn';
export const LOG_DELIVERY_CONTEXT = 'kms:EncryptionContext:SourceArn';
export const logDeliveryArns = ({ partition, region, account }: KeyPlace) =>
  `arn:${partition}:logs:${region}:${account}:*`;
