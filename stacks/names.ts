/** Physical names that other accounts, stacks or functions refer to. IAM takes at most 64 characters for a name. */
import { hyphenated } from '../functions/domain/trace.ts';
import type { SutureContext } from './context.ts';

export const STATE_MACHINE = 'suture-remediate-finding';
/** Waits for people's answers; its executions are nested in those of the other. */
export const APPROVAL_MACHINE = 'suture-await-approval';
export const LEDGER_TABLE = 'suture-ledger';
export const JOURNAL_TABLE = 'suture-journal';
/** Copies of the state before each change, in the service account. Bucket names are unique in the partition. */
export const copiesBucket = ({ serviceAccount, homeRegion }: SutureContext) =>
  `suture-copies-${serviceAccount}-${homeRegion}`;
/** The audit chain, in the security account. */
export const auditBucket = ({ securityAccount, homeRegion }: SutureContext) =>
  `suture-audit-${securityAccount}-${homeRegion}`;
export const ALARM_TOPIC = 'suture-alarms';
export const EVENT_BUS = 'suture';
export const FINDING_ARCHIVE = 'suture-findings';
export const DASHBOARD = 'suture';
export const LIVE = 'live';
/** The REST API by which people change things, the export of its id, and its stage. */
export const API = { name: 'suture', id: 'suture-api-id', stage: LIVE } as const;
export const API_LOG_GROUP = '/aws/apigateway/suture';
export const POLICY = {
  application: 'suture',
  environment: 'live',
  profile: 'policy',
  strategy: 'suture-all-at-once',
} as const;

export const POLICY_EXPORTS = {
  application: 'suture-policy-application',
  environment: 'suture-policy-environment',
  profile: 'suture-policy-profile',
  strategy: 'suture-policy-strategy',
} as const;

/** AWS allows 20 letters and digits. */
export const CUSTOM_ACTION = 'SutureRemediate';

/** Member accounts trust the paths of the remediations' execution roles. */
export const ROLE_PATH = '/suture/';
export const EXECUTION_ROLE_PATH = '/suture/remediation/';
/** Only roles below this path may open sessions with the rollback tag. */
export const ROLLBACK_ROLE_PATH = '/suture/rollback/';
export const PEOPLE_PATH = '/suture/people/';
export const personName = (person: string) => `suture-${person}`;
export const PROXY_ROLE = 'suture-proxy';
export const MEMBER_ROLE = 'suture-member';
/** For responses to threats. The shared name prefix lets one service control policy protect both roles. */
export const RESPONSE_EXECUTION_ROLE_PATH = '/suture/response/';
export const RESPONSE_ROLLBACK_ROLE_PATH = '/suture/response-rollback/';
export const RESPONSE_ROLE = `${MEMBER_ROLE}-response`;
/** The address-range updater has its own member role. */
export const IP_RANGES_ROLE_PATH = '/suture/ip-ranges/';
export const IP_RANGES_MEMBER_ROLE = 'suture-ip-ranges-member';

export const functionName = (
  name:
    | 'triage'
    | 'proxy'
    | 'report'
    | 'finding-updates'
    | 'policy-validator'
    | 'api'
    | 'approvals'
    | 'directory'
    | 'ip-ranges'
    | 'failures'
    | 'orphaned-executions'
    | 'recurring-findings'
    | 'unexplained-sessions'
    | 'audit-trail'
    | 'notify',
) => `suture-${name}`;
export const remediationFunctionName = (id: string) => `suture-remediation-${hyphenated(id)}`;
export const executionRoleName = (id: string) => `suture-${hyphenated(id)}`;
/** The function of the rollbacks of a remediation that declares `undoes`, and its execution role. */
export const rollbackFunctionName = (id: string) => `suture-rollback-${hyphenated(id)}`;
export const logGroupName = (functionName: string) => `/aws/lambda/${functionName}`;
/** Log groups of Step Functions with this prefix share one resource policy of CloudWatch Logs. */
export const workflowLogGroup = (machine: string) => `/aws/vendedlogs/states/${machine}`;

/** `aws securityhub create-action-target` creates the action later. */
export const customActionArn = ({ partition, homeRegion, securityAccount }: SutureContext) =>
  `arn:${partition}:securityhub:${homeRegion}:${securityAccount}:action/custom/${CUSTOM_ACTION}`;
export const stateMachineArn = ({ partition, homeRegion, securityAccount }: SutureContext, name = STATE_MACHINE) =>
  `arn:${partition}:states:${homeRegion}:${securityAccount}:stateMachine:${name}`;
export const workflowRoleArn = ({ partition, securityAccount }: SutureContext, name = STATE_MACHINE) =>
  ownRoleArn({ partition, account: securityAccount }, name);
export const ownRoleArn = (
  { partition, account }: { readonly partition: string; readonly account: string },
  name: string,
) => `arn:${partition}:iam::${account}:role${ROLE_PATH}${name}`;
export const proxyRoleArn = ({ partition, securityAccount }: SutureContext) =>
  `arn:${partition}:iam::${securityAccount}:role${ROLE_PATH}${PROXY_ROLE}`;
/** With `*` as account, returns a pattern for all accounts. */
export const memberRoleArn = ({ partition }: SutureContext, account: string, role: string = MEMBER_ROLE) =>
  `arn:${partition}:iam::${account}:role${ROLE_PATH}${role}`;
export const ipRangesMemberRoleArn = ({ partition }: SutureContext, account: string) =>
  `arn:${partition}:iam::${account}:role${ROLE_PATH}${IP_RANGES_MEMBER_ROLE}`;
export const remediationAliasArns = ({ partition, homeRegion, serviceAccount }: SutureContext) =>
  [remediationFunctionName('*'), rollbackFunctionName('*')].map(
    (name) => `arn:${partition}:lambda:${homeRegion}:${serviceAccount}:function:${name}:${LIVE}`,
  );

export const homeTableArn = (
  { partition, region, account }: { readonly partition: string; readonly region: string; readonly account: string },
  name: string,
) => `arn:${partition}:dynamodb:${region}:${account}:table/${name}`;

/** For service principals and endpoints; China has its own domain. */
export const dnsSuffix = (region: string) => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
/** Values of `kms:ViaService`. In China both domains, because AWS documents only one. */
export const viaService = (service: string, region: string): string[] =>
  [...new Set(['amazonaws.com', dnsSuffix(region)])].map((suffix) => `${service}.${region}.${suffix}`);
