/**
 * The AWS managed policies that the sandbox knows; any other is an error.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import type { IamPolicy, IamStatement } from './policy.ts';

const allow = (actions: string[]): IamPolicy => ({ Version: '2012-10-17', Statement: [statement(actions)] });
const statement = (actions: string[]): IamStatement => ({ Effect: 'Allow', Action: actions, Resource: '*' });

const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

const policies = new Map<string, IamPolicy>([
  ['AdministratorAccess', allow(['*'])],
  ['service-role/AWSLambdaBasicExecutionRole', allow(logs)],
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

/** The document of `arn:aws:iam::aws:policy/…`, or undefined when the sandbox does not know it. */
export const awsManagedPolicy = (arn: string): IamPolicy | undefined =>
  policies.get(/^arn:[\w-]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? '');
