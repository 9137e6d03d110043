/**
 * The AWS managed policies of the sandbox; any other is an error.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import type { IamPolicy, IamStatement } from './policy.ts';

const allow = (actions: string[]): IamPolicy => ({ Version: '2012-10-17', Statement: [statement(actions)] });
const statement = (actions: string[]): IamStatement => ({ Effect: 'Allow', Action: actions, Resource: '*' });

const LOG_ACTIONS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

const POLICIES = new Map<string, IamPolicy>([
  ['AdministratorAccess', allow(['*'])],
  ['AWSCloudShellFullAccess', allow(['cloudshell:*'])],
  ['AWSSupportAccess', allow(['support:*'])],
  ['service-role/AWSLambdaBasicExecutionRole', allow(LOG_ACTIONS)],
  [
    'AWSXRayDaemonWriteAccess',
    allow([
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ]),
  ],
]);

export const awsManagedPolicy = (arn: string): IamPolicy | undefined =>
  POLICIES.get(/^arn:[\w-]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? '');
