/** Doctor's function in the security account, and its reader of the rollout. They read, and write nothing. */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ACCOUNT_LISTS } from '../../functions/domain/account.ts';
import { deadLetterQueues } from '../../functions/domain/dead-letters.ts';
import { type InstallationId, namesOf } from '../../functions/domain/names.ts';
import { excludedAccounts, type SutureContext, securityPlace } from '../context.ts';
import { ipRangesRegionOf } from '../ip-ranges/context.ts';
import { approvalMachineArn, customActionArn, ownRoleArn, stateMachineArn } from '../names.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import type { KeyPlace } from './key.ts';
import { callersOf } from './member-role-trust.ts';
import { policyViewer } from './policy-configuration.ts';
import { type Allowance, items, keyUse } from './role.ts';

/** API Gateway ends a request after this time. */
export const DOCTOR_TIMEOUT = Duration.seconds(29);

export type DoctorFunctionOptions = SecurityEnvironment & { readonly context: SutureContext };

export function doctorFunction(scope: Construct, options: DoctorFunctionOptions): SutureFunction {
  const { context, ledger, topicArn, key, place, bundles } = options;
  const { homeRegion: region, securityAccount: account, regions } = context;
  const names = namesOf(context);
  const stack = names.stack('Ledger');
  const machines = [stateMachineArn(context), approvalMachineArn(context)];
  const queues = queuesToCheck(context);
  const policy = policyViewer(place);
  const { rollout } = context;
  const facts = {
    place: { account, region, topicArn, table: { name: names.ledgerTable, arn: ledger.tableArn, stack } },
    organization: {
      ...{ account, region, regions, machines, queues, trial: context.trial },
      customActionArn: customActionArn(context),
      ...(rollout && rollout.account !== rollout.managementAccount && { stackSetsAdministrator: rollout.account }),
    },
    rulePrefix: names.own(''),
    places: { serviceAccount: context.serviceAccount, ipRangesRegion: ipRangesRegionOf(context) },
    excluded: excludedAccounts(context),
    ...(rollout && { rollout: rolloutReader(context, rollout) }),
  };
  return new SutureFunction(scope, 'Doctor', {
    ...{ place, key, bundles },
    name: 'doctor',
    description: 'Checks the organization and the security account for people, and writes nothing',
    timeout: DOCTOR_TIMEOUT,
    environment: { ...policy.environment, LEDGER_TABLE: names.ledgerTable, DOCTOR_FACTS: JSON.stringify(facts) },
    allows: [
      ...placeAllowances(place, { topicArn, tableArn: ledger.tableArn, stack }),
      ...hubAllowances(place),
      ...(context.trial ? [] : [ORGANIZATION_LISTS]),
      ...pipelineAllowances(place, machines, Object.keys(queues)),
      ...policy.allows,
      items(ledger.tableArn, ['GetItem'], [ACCOUNT_LISTS]),
      keyUse(key, region, ['Decrypt'], ['dynamodb']),
      ...(rollout ? [{ actions: ['sts:AssumeRole'], on: rolloutRoleArn(context, rollout.account) }] : []),
    ],
  });
}

const ORGANIZATION_LISTS: Allowance = {
  actions: ['organizations:ListAccounts', 'organizations:ListDelegatedAdministrators'],
  on: '*',
  because: 'Organizations takes no resource for these lists',
};

const rolloutRoleArn = (context: SutureContext, account: string) =>
  ownRoleArn({ ...context, account }, namesOf(context).rolloutDoctorRole);

const rolloutReader = (
  context: SutureContext,
  { account, managementAccount }: NonNullable<SutureContext['rollout']>,
) => ({
  role: rolloutRoleArn(context, account),
  externalId: context.externalId,
  stackSet: namesOf(context).memberStackSet,
  callAs: account === managementAccount ? 'SELF' : 'DELEGATED_ADMIN',
});

/**
 * Returns the queues of the security account, each with its dead-letter queue, or null if it is one itself. Failed
 * changes of address ranges are in another Region: `status` shows their alarm.
 */
function queuesToCheck(installation: InstallationId): Record<string, string | null> {
  const otherRegion = namesOf(installation).own('ip-ranges-failed');
  const deadLetters = Object.entries(deadLetterQueues(installation)).filter(([name]) => name !== otherRegion);
  return Object.fromEntries(
    deadLetters.flatMap(([name, { method }]): [string, string | null][] => [
      [name, null],
      ...('to' in method ? [[method.to, name] as [string, string]] : []),
    ]),
  );
}

/** Lets doctor read alarms, trails, quotas and a table, in each of Suture's accounts. */
export const placeAllowances = (
  { partition, region, account }: KeyPlace,
  { topicArn, tableArn, stack }: { readonly topicArn: string; readonly tableArn: string; readonly stack: string },
): Allowance[] => [
  { actions: ['sns:ListSubscriptionsByTopic'], on: topicArn },
  {
    actions: ['cloudtrail:DescribeTrails', 'iam:GetAccountSummary', 'lambda:GetAccountSettings'],
    on: '*',
    because: 'These reads take no resource',
  },
  {
    actions: ['cloudtrail:GetEventSelectors', 'cloudtrail:GetTrailStatus'],
    on: `arn:${partition}:cloudtrail:*:*:trail/*`,
    because: 'A trail of any Region or of the organization may record data events',
  },
  {
    actions: ['cloudformation:DescribeStacks'],
    on: `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/*`,
    because: 'CloudFormation adds an id to the name of a stack',
  },
  { actions: ['dynamodb:DescribeContinuousBackups'], on: tableArn },
];

const hubAllowances = ({ partition, region, account }: KeyPlace): Allowance[] => [
  {
    actions: [
      'securityhub:DescribeHub',
      'securityhub:DescribeOrganizationConfiguration',
      'securityhub:GetEnabledStandards',
      'securityhub:GetFindings',
    ],
    on: `arn:${partition}:securityhub:${region}:${account}:hub/default`,
  },
  {
    actions: ['securityhub:ListFindingAggregators'],
    on: '*',
    because: 'Security Hub takes no resource for listing aggregators',
  },
  {
    actions: ['securityhub:GetFindingAggregator'],
    on: `arn:${partition}:securityhub:*:${account}:finding-aggregator/*`,
    because: 'Security Hub makes up the id of the aggregator, which may be in another Region',
  },
];

const pipelineAllowances = (
  { prefix, partition, region, account }: KeyPlace,
  machines: readonly string[],
  queues: readonly string[],
): Allowance[] => [
  { actions: ['events:ListRules'], on: '*', because: 'EventBridge takes no resource for listing rules' },
  {
    actions: ['events:ListTargetsByRule'],
    on: `arn:${partition}:events:${region}:${account}:rule/${namesOf({ prefix }).own('*')}`,
    because: 'All rules of Suture, by their prefix',
  },
  {
    actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
    on: queues.map((name) => `arn:${partition}:sqs:${region}:${account}:${name}`),
  },
  { actions: ['states:DescribeStateMachine'], on: machines },
  { actions: ['lambda:ListFunctions'], on: '*', because: 'Lambda takes no resource for listing functions' },
  {
    actions: ['lambda:GetFunctionConcurrency'],
    on: `arn:${partition}:lambda:${region}:${account}:function:${namesOf({ prefix }).own('*')}`,
    because: 'All functions of Suture, by their prefix',
  },
];

/** Returns the trust policy of the rollout's reader: doctor's role alone, by its name, which a recreated role keeps. */
export function rolloutDoctorTrust(context: SutureContext): object {
  const place = securityPlace(context);
  const { partition, account } = place;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': ownRoleArn(place, namesOf(place).function('doctor')) },
          StringEquals: { ...callersOf(context), 'sts:ExternalId': context.externalId },
        },
      },
    ],
  };
}
