/**
 * The permission to ask CloudTrail who changed a resource. Only sessions have it that plan a fix for the second time,
 * because the first one did not hold.
 */
import { type Remediation, respondsToThreats } from '../contract/remediation.ts';
import type { PolicyDocument, PolicyStatement } from './permissions.ts';
import { ROLE_STACK_STATEMENT } from './stack-question.ts';

const ASK_WRITES = 'cloudtrail:LookupEvents';

/**
 * IAM knows no resource for it.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
 */
const WRITES_STATEMENT: PolicyStatement = { Effect: 'Allow', Action: ASK_WRITES, Resource: '*' };

/**
 * Returns what every plan of these remediations may ask. An attacker repeats a threat, so no deployment is looked for.
 */
export const planStatements = (remediations: readonly Remediation[]): PolicyStatement[] => [
  ROLE_STACK_STATEMENT,
  ...(remediations.every(respondsToThreats) ? [] : [WRITES_STATEMENT]),
];

type WriteRequest = { readonly mode: string; readonly recurs?: boolean | undefined };

/** Whether Suture has fixed the finding before, so that a deployment may have undone that. */
export const asksForWrites = (module: Remediation, { mode, recurs }: WriteRequest): boolean =>
  mode !== 'rollback' && recurs === true && !respondsToThreats(module);

/** Returns the session policy of a plan. The answer has callers and times, and may have parameters of their calls. */
export const withWriteQuestion = (
  policy: PolicyDocument,
  module: Remediation,
  request: WriteRequest,
): PolicyDocument =>
  asksForWrites(module, request) ? { ...policy, Statement: [...policy.Statement, WRITES_STATEMENT] } : policy;

/**
 * CloudTrail has the events of IAM and other global services in the Region of IAM's endpoint.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 */
const GLOBAL_REGIONS: Readonly<Record<string, string>> = { 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' };
export const globalEventsRegion = (partition: string): string => GLOBAL_REGIONS[partition] ?? 'us-east-1';
