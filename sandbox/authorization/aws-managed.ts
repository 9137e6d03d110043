/**
 * The AWS managed policies of the sandbox.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import { AwsError } from '../kernel/aws-error.ts';
import names from './aws-managed-names.json' with { type: 'json' };
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

/**
 * Names of AWS's managed policies with their paths, as of 27 September 2026. From the npm package iam-floyd 0.842.0
 * (Apache-2.0), which takes them from AWS's list.
 */
const NAMES: ReadonlySet<string> = new Set(names);

export const awsManagedPolicyArns = (partition: string): readonly string[] =>
  Array.from(NAMES, (name) => `arn:${partition}:iam::aws:policy/${name}`);

/** Returns true if AWS has the policy, whether its document is modelled or not. */
export const isAwsManagedPolicy = (arn: string): boolean => nameIn(arn) !== undefined;

/**
 * Returns undefined if AWS has no managed policy of this ARN.
 * @throws AwsError NotModelled for a policy that AWS has and the sandbox does not model
 */
export function awsManagedPolicy(arn: string): IamPolicy | undefined {
  const name = nameIn(arn);
  if (name === undefined) return undefined;
  const policy = POLICIES.get(name);
  if (!policy) throw new AwsError('NotModelled', `The sandbox does not model the AWS managed policy ${name}.`, 501);
  return policy;
}

function nameIn(arn: string): string | undefined {
  const name = /^arn:[\w-]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
  return name !== undefined && NAMES.has(name) ? name : undefined;
}
