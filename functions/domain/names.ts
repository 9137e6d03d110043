/**
 * Physical names of an installation, all with its prefix, so that several installations share accounts: staging beside
 * production. Stacks, functions and the command line take every name from here.
 */
import type { SigningFunction } from './signature.ts';
import { hyphenated } from './trace.ts';

export const DEFAULT_PREFIX = 'suture';

/** Identifies an installation. Contexts, places and operators have it. */
export type InstallationId = { readonly prefix: string };

export type Names = ReturnType<typeof computeNames>;

const NAMES_BY_PREFIX = new Map<string, Names>();

export function namesOf({ prefix }: InstallationId): Names {
  const known = NAMES_BY_PREFIX.get(prefix) ?? computeNames(prefix);
  NAMES_BY_PREFIX.set(prefix, known);
  return known;
}

/** The alias of each remediation's function, and the stage of the API. */
export const LIVE = 'live';

/** Functions other than those of remediations. */
export type OwnFunction =
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
  | 'doctor'
  | 'account-doctor'
  | 'notify'
  | 'owner-messages';

function computeNames(prefix: string) {
  const own = (name: string) => `${prefix}-${name}`;
  /** `Suture`, as it begins names of stacks, of the custom action and of the metrics' namespace. */
  const title = prefix[0]!.toUpperCase() + prefix.slice(1);
  return {
    prefix,
    /** Names of alarms, queues, rules, StackSets and roles: the prefix and this name. */
    own,
    stack: (name: string) => `${title}${name}`,
    metrics: { namespace: title, service: prefix },
    /** AWS allows 20 letters and digits. */
    customAction: `${title}Remediate`,
    ...resources(prefix, own),
    ...roles(prefix, own),
    ...functions(own),
  } as const;
}

/** Names of a remediation's functions without the prefix. */
export const remediationFunctionId = (remediation: string): string => `remediation-${hyphenated(remediation)}`;
export const rollbackFunctionId = (remediation: string): string => `rollback-${hyphenated(remediation)}`;

type Own = (name: string) => string;

const resources = (prefix: string, own: Own) => ({
  stateMachine: own('remediate-finding'),
  /** Waits for people's answers; its executions are nested in those of the other. */
  approvalMachine: own('await-approval'),
  ledgerTable: own('ledger'),
  journalTable: own('journal'),
  alarmTopic: own('alarms'),
  /** Mail of owners: each subscription has a filter with its address. */
  ownersTopic: own('owners'),
  eventBus: prefix,
  findingArchive: own('findings'),
  /** Beginnings of the names of the rules of findings, and of those of the custom action. */
  findingRules: [own('findings'), own('action')] as const,
  dashboard: prefix,
  keyAlias: `alias/${prefix}`,
  alarmKeyAlias: `alias/${own('alarms')}`,
  /** In the service account. */
  signingKeyAlias: (signer: SigningFunction) => `alias/${own(`signatures-of-${signer}`)}`,
  samplingRule: prefix,
  /** The REST API by which people change things, the export of its id, and its stage. */
  api: { name: prefix, id: own('api-id'), stage: LIVE },
  apiLogGroup: `/aws/apigateway/${prefix}`,
  policy: { application: prefix, environment: LIVE, profile: 'policy', strategy: own('all-at-once') },
  policyExports: {
    application: own('policy-application'),
    environment: own('policy-environment'),
    profile: own('policy-profile'),
    strategy: own('policy-strategy'),
  },
  /** Copies of the state before each change, in the service account. Bucket names are unique in the partition. */
  copiesBucket: (account: string, region: string) => own(`copies-${account}-${region}`),
  /** The audit chain, in the security account. */
  auditBucket: (account: string, region: string) => own(`audit-${account}-${region}`),
  memberStackSet: own('member-role'),
  /** The address-range updater's StackSets are one for each account. */
  ipRangesStackSet: (account: string) => own(`ip-ranges-role-${account}`),
  /** Beginnings of the names of the StackSets of the rollout. */
  protectedStackSets: [own('member-role'), own('ip-ranges-role')] as const,
});

/** All paths are below `/suture/`: whatever remediates in an account touches no role of any installation. */
function roles(prefix: string, own: Own) {
  const rolePath = prefix === DEFAULT_PREFIX ? '/suture/' : `/suture/${prefix}/`;
  const memberRole = own('member');
  return {
    rolePath,
    /** Member accounts trust the paths of the remediations' execution roles. */
    executionRolePath: `${rolePath}remediation/`,
    /** Only roles below this path may open sessions with the rollback tag. */
    rollbackRolePath: `${rolePath}rollback/`,
    peoplePath: `${rolePath}people/`,
    person: (person: string) => own(person),
    proxyRole: own('proxy'),
    /** In the service account: invokes the remediations for the proxy. */
    invokerRole: own('invoker'),
    memberRole,
    /** For responses to threats. The shared name prefix lets one service control policy protect both roles. */
    responseExecutionRolePath: `${rolePath}response/`,
    responseRollbackRolePath: `${rolePath}response-rollback/`,
    responseRole: `${memberRole}-response`,
    /** Reads roles and settings of its account. */
    memberDoctorRole: `${memberRole}-doctor`,
    /** Lists the instances of the member role's StackSet, in the account of the rollout. */
    rolloutDoctorRole: own('rollout-doctor'),
    /** The address-range updater has its own member role. */
    ipRangesRolePath: `${rolePath}ip-ranges/`,
    ipRangesMemberRole: own('ip-ranges-member'),
    executionRole: (remediation: string) => own(hyphenated(remediation)),
  };
}

const functions = (own: Own) => ({
  function: (name: OwnFunction) => own(name),
  remediationFunction: (remediation: string) => own(remediationFunctionId(remediation)),
  /** The function of the rollbacks of a remediation that declares `undoes`, and its execution role. */
  rollbackFunction: (remediation: string) => own(rollbackFunctionId(remediation)),
  logGroup: (functionName: string) => `/aws/lambda/${functionName}`,
  /** Log groups of Step Functions with this prefix share one resource policy of CloudWatch Logs. */
  workflowLogGroup: (machine: string) => `/aws/vendedlogs/states/${machine}`,
});

/** For service principals and endpoints; China has its own domain. */
export const dnsSuffix = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
