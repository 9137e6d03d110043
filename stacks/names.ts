/** Physical names that other accounts, stacks or functions refer to. IAM takes at most 64 characters for a name. */
import { hyphenated } from '../functions/domain/trace.ts';
import type { SutureContext } from './context.ts';

export const STATE_MACHINE = 'suture-remediate-finding';
export const LEDGER_TABLE = 'suture-ledger';
export const JOURNAL_TABLE = 'suture-journal';
export const ALARM_TOPIC = 'suture-alarms';
/** The event bus for subscribers. */
export const EVENT_BUS = 'suture';
/** The archive of findings on the default bus, for replays. */
export const FINDING_ARCHIVE = 'suture-findings';
export const DASHBOARD = 'suture';
/** The alias of a remediation's function that the proxy invokes. */
export const LIVE = 'live';
export const POLICY = {
  application: 'suture',
  environment: 'live',
  profile: 'policy',
  strategy: 'suture-all-at-once',
} as const;

/** Export names of the ids that AppConfig generates. */
export const POLICY_EXPORTS = {
  application: 'suture-policy-application',
  environment: 'suture-policy-environment',
  profile: 'suture-policy-profile',
  strategy: 'suture-policy-strategy',
} as const;

/** Id of the custom action that sends findings to Suture: at most 20 letters and digits. */
export const CUSTOM_ACTION = 'SutureRemediate';

/** Role paths. Member accounts trust the path of the remediations' execution roles. */
export const ROLE_PATH = '/suture/';
export const EXECUTION_ROLE_PATH = '/suture/remediation/';
/** Roles and policies of people in the security account. */
export const PEOPLE_PATH = '/suture/people/';
export const personName = (person: string) => `suture-${person}`;
export const PROXY_ROLE = 'suture-proxy';
export const MEMBER_ROLE = 'suture-member';
/** Execution roles and member role for the response to threats. The shared name prefix lets one service control policy protect both. */
export const RESPONSE_EXECUTION_ROLE_PATH = '/suture/response/';
export const RESPONSE_ROLE = `${MEMBER_ROLE}-response`;
/** Roles of the security group updater, which has its own member role. */
export const IP_RANGES_ROLE_PATH = '/suture/ip-ranges/';
export const IP_RANGES_MEMBER_ROLE = 'suture-ip-ranges-member';

export const functionName = (
  name:
    | 'triage'
    | 'proxy'
    | 'report'
    | 'finding-updates'
    | 'policy-validator'
    | 'approvals'
    | 'directory'
    | 'ip-ranges'
    | 'failures'
    | 'orphaned-executions'
    | 'recurring-findings'
    | 'notify',
) => `suture-${name}`;
export const remediationFunctionName = (id: string) => `suture-remediation-${hyphenated(id)}`;
export const executionRoleName = (id: string) => `suture-${hyphenated(id)}`;
export const logGroupName = (functionName: string) => `/aws/lambda/${functionName}`;
/** Log groups of Step Functions under this prefix share one resource policy of CloudWatch Logs. */
export const WORKFLOW_LOG_GROUP = `/aws/vendedlogs/states/${STATE_MACHINE}`;

/** Returns the ARN of the custom action. `aws securityhub create-action-target` creates it later. */
export const customActionArn = ({ partition, homeRegion, securityAccount }: SutureContext) =>
  `arn:${partition}:securityhub:${homeRegion}:${securityAccount}:action/custom/${CUSTOM_ACTION}`;
export const stateMachineArn = ({ partition, homeRegion, securityAccount }: SutureContext) =>
  `arn:${partition}:states:${homeRegion}:${securityAccount}:stateMachine:${STATE_MACHINE}`;
/** Returns the ARN of the workflow's role, which has the workflow's name. */
export const workflowRoleArn = ({ partition, securityAccount }: SutureContext) =>
  `arn:${partition}:iam::${securityAccount}:role${ROLE_PATH}${STATE_MACHINE}`;
export const proxyRoleArn = ({ partition, securityAccount }: SutureContext) =>
  `arn:${partition}:iam::${securityAccount}:role${ROLE_PATH}${PROXY_ROLE}`;
/** Returns the ARN of one account's member role, or a pattern for all accounts with `*`. */
export const memberRoleArn = ({ partition }: SutureContext, account: string, role: string = MEMBER_ROLE) =>
  `arn:${partition}:iam::${account}:role${ROLE_PATH}${role}`;
export const ipRangesMemberRoleArn = ({ partition }: SutureContext, account: string) =>
  `arn:${partition}:iam::${account}:role${ROLE_PATH}${IP_RANGES_MEMBER_ROLE}`;
export const remediationAliasArns = ({ partition, homeRegion, serviceAccount }: SutureContext) =>
  `arn:${partition}:lambda:${homeRegion}:${serviceAccount}:function:${remediationFunctionName('*')}:${LIVE}`;

/** Returns the domain of service principals and endpoints; China has its own. */
export const dnsSuffix = (region: string) => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
/** Returns values of `kms:ViaService` for a service; both domains in China, because AWS documents only one. */
export const viaService = (service: string, region: string): string[] =>
  [...new Set(['amazonaws.com', dnsSuffix(region)])].map((suffix) => `${service}.${region}.${suffix}`);
