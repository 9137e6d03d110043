/**
 * The permissions of each command, and who has them, and those of the commands of the AWS CLI that operators need for the
 * runbook. A new command adds its line here; policies, roles, permission sets
 * and the tables of docs/security.md derive from it.
 */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { ACCOUNT_LISTS, CONTACT } from '../../functions/domain/account.ts';
import { API_ROUTES, type ApiRouteName } from '../../functions/domain/api.ts';
import type { RunKind } from '../../functions/domain/api-runs.ts';
import { attemptErrorsKey, findingKey, INDEXES, SUPPRESSIONS, statisticsKey } from '../../functions/domain/ledger.ts';
import { namesOf } from '../../functions/domain/names.ts';
import { operationKey } from '../../functions/domain/operations.ts';
import { AUDIT, CAPS, CIRCUITS, executionsIn, KILL_SWITCH } from '../../functions/domain/stops.ts';
import type { SutureContext } from '../context.ts';
import { ipRangesRegionOf } from '../ip-ranges/context.ts';
import { stateMachineArn } from '../names.ts';
import { type Allowance, items, keyUse } from './role.ts';

/** `operator` and `approver` each include the `viewer`'s permissions, but not the other's. */
export const PEOPLE = {
  viewer: 'Sees how findings stand and why, what stops changes, and which policy is deployed',
  operator: 'Stops and resumes, replays and undoes, proposes policies, and deploys those that permit nothing new',
  approver: 'Approves and denies changes and proposals',
} as const;
export type Person = keyof typeof PEOPLE;
export const PERSON_NAMES = Object.keys(PEOPLE) as Person[];

export type InstalledResources = {
  readonly context: SutureContext;
  readonly key: IKey;
  readonly policy: Readonly<Record<'application' | 'environment' | 'profile' | 'strategy', string>>;
  /** The API's id. */
  readonly api: string;
};

/** Returns a route in the form of its ARN, such as `GET/approvals/*`. */
const pathOf = (name: ApiRouteName): string =>
  `${API_ROUTES[name].method}${API_ROUTES[name].path.replace(/\{\w+\}/g, '*')}`;

export type CommandNeeds = { readonly person: Person; readonly allows: readonly Allowance[] };

/** Returns the permissions by the command's name as typed. Commands that are missing here need no credentials. */
export function commandNeeds(installed: InstalledResources): Readonly<Record<string, CommandNeeds>> {
  const names = resourceNames(installed);
  return { ...viewerCommands(names), ...operatorCommands(installed, names), ...approverCommands(names) };
}

type ResourceNames = ReturnType<typeof resourceNames>;
type Commands = Readonly<Record<string, CommandNeeds>>;

/** Returns the ARNs that commands use, and permissions that several commands share. */
function resourceNames({ context, key, policy, api }: InstalledResources) {
  const { partition, homeRegion, securityAccount } = context;
  const {
    ledgerTable,
    findingArchive,
    api: { stage },
    own,
  } = namesOf(context);
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${homeRegion}:${securityAccount}:${resource}`;
  const ledger = arn('dynamodb', `table/${ledgerTable}`);
  const application = arn('appconfig', `application/${policy.application}`);
  const profile = `${application}/configurationprofile/${policy.profile}`;
  const readLedger = keyUse(key, homeRegion, ['Decrypt'], ['dynamodb']);
  const machine = stateMachineArn(context);
  return {
    ledger,
    readLedger,
    findings: [
      { actions: ['dynamodb:Query'], on: Object.values(INDEXES).map(({ name }) => `${ledger}/index/${name}`) },
      readLedger,
    ] satisfies Allowance[],
    machine,
    executions: `${machine.replace(':stateMachine:', ':execution:')}:*`,
    queues: arn('sqs', own('*')),
    /** Requests to these routes of the API. */
    routes: (...names: ApiRouteName[]): Allowance => ({
      actions: ['execute-api:Invoke'],
      on: names.map((name) => arn('execute-api', `${api}/${stage}/${pathOf(name)}`)),
      because: names.some((name) => pathOf(name).includes('*'))
        ? 'Approvals, proposals, runs, results and versions of the policy have their own ids'
        : undefined,
    }),
    /** Requests that begin, continue and end runs. */
    runs: (...kinds: RunKind[]): Allowance => ({
      actions: ['execute-api:Invoke'],
      on: kinds.map((kind) => arn('execute-api', `${api}/${stage}/*/${kind}*`)),
      because: 'Each run has its own id; the methods begin, continue and end it',
    }),
    doctor: {
      actions: ['execute-api:Invoke'],
      on: arn('execute-api', `${api}/${stage}/*/doctor/*`),
      because: 'Eight routes, each of which only reads; one by one they would not fit into the policy',
    } satisfies Allowance,
    findApi: {
      actions: ['apigateway:GET'],
      on: `arn:${partition}:apigateway:${homeRegion}::/restapis`,
    } satisfies Allowance,
    logs: {
      actions: ['logs:FilterLogEvents'],
      on: logGroups(context),
      because: "All logs of Suture's functions, by their prefix, and their streams",
    } satisfies Allowance,
    hub: arn('securityhub', 'hub/default'),
    archive: arn('events', `archive/${findingArchive}`),
    replays: arn('events', `replay/${own('*')}`),
    application,
    environment: `${application}/environment/${policy.environment}`,
    profile,
    versions: `${profile}/hostedconfigurationversion/*`,
    strategy: arn('appconfig', `deploymentstrategy/${policy.strategy}`),
  };
}

/** Returns the logs of the API and of functions, those of the updater of IP ranges too. */
function logGroups(context: SutureContext): string[] {
  const { partition, homeRegion, securityAccount } = context;
  const { logGroup, own, apiLogGroup } = namesOf(context);
  const regions = new Set([homeRegion, ipRangesRegionOf(context) ?? homeRegion]);
  const arn = (region: string, group: string) =>
    `arn:${partition}:logs:${region}:${securityAccount}:log-group:${group}`;
  return [
    ...[...regions].map((region) => arn(region, logGroup(own('*')))),
    ...[arn(homeRegion, apiLogGroup), arn(homeRegion, `${apiLogGroup}:*`)],
  ];
}

const EXECUTIONS_HAVE_OWN_NAMES = 'Each execution has its own name';
const ALL_QUEUES = 'All queues of Suture, by their prefix';

const METRICS_AND_ALARMS: Allowance = {
  actions: ['cloudwatch:ListMetrics', 'cloudwatch:GetMetricStatistics', 'cloudwatch:DescribeAlarms'],
  on: '*',
  because: 'CloudWatch takes no resource for metrics, and none for alarms that are listed by state',
};

function viewerCommands(names: ResourceNames): Commands {
  const { ledger, readLedger, findings } = names;
  /** Names and organizational units, which lists show and filters take, and contacts: one statement, for the quota. */
  const accounts = items(ledger, ['GetItem'], ['account#*', ACCOUNT_LISTS, `${CONTACT}*`]);
  const deadLetters = countingQueues(names);
  const records = items(ledger, ['GetItem', 'Query'], [findingKey('*')]);
  const approvals: Allowance[] = [names.findApi, names.routes('listApprovals', 'showApproval')];
  const stops = items(ledger, ['Query'], [CIRCUITS, CAPS, AUDIT]);
  const dayCounts = items(ledger, ['Query'], [statisticsKey('*')]);
  const installation: Allowance[] = [names.findApi, names.doctor];
  const proposals = names.routes('listProposals', 'showProposal');
  const answers: Allowance[] = [...approvals, proposals];
  const status: Allowance[] = [...findings, ...deadLetters, dayCounts, METRICS_AND_ALARMS, ...installation, ...answers];
  const readHub: Allowance = { actions: ['securityhub:GetFindings'], on: names.hub };
  return {
    stops: {
      person: 'viewer',
      allows: [items(ledger, ['GetItem'], [KILL_SWITCH.pk, executionsIn('*').pk]), stops, accounts, readLedger],
    },
    list: { person: 'viewer', allows: [...findings, accounts] },
    'show, exempt, patch': {
      person: 'viewer',
      allows: [
        ...findings,
        records,
        items(ledger, ['GetItem'], [attemptErrorsKey('*').pk]),
        items(ledger, ['GetItem', 'Query'], [operationKey('*')]),
        accounts,
      ],
    },
    'owner, explain': {
      person: 'viewer',
      allows: [...findings, records, accounts, ...policyReading(names)],
    },
    triage: { person: 'viewer', allows: [...status, records, stops, accounts] },
    'dlq list': { person: 'viewer', allows: deadLetters },
    status: { person: 'viewer', allows: status },
    next: {
      person: 'viewer',
      allows: [...status, records, stops, readHub, ...policyReading(names)],
    },
    report: { person: 'viewer', allows: [...findings, records, dayCounts, accounts, readHub] },
    approvals: { person: 'viewer', allows: [...answers, accounts, readLedger] },
    doctor: { person: 'viewer', allows: installation },
    'messages list': { person: 'viewer', allows: [names.findApi, names.routes('listMessagePlaces')] },
    'policy proposals, proposals list': { person: 'viewer', allows: [names.findApi, proposals] },
    'ip-ranges plan, ip-ranges status': {
      person: 'viewer',
      allows: [names.findApi, names.routes('readIpRanges', 'ipRangesResult')],
    },
    'policy diff, policy show, coverage': {
      person: 'viewer',
      allows: [readHub, accounts, ...findings, ...policyReading(names)],
    },
    suppressions: {
      person: 'viewer',
      allows: [...findings, items(ledger, ['Query'], [SUPPRESSIONS]), ...policyReading(names)],
    },
  };
}

const countingQueues = ({ queues }: ResourceNames): Allowance[] => [
  { actions: ['sqs:ListQueues'], on: '*', because: 'SQS takes no resource for listing queues' },
  { actions: ['sqs:GetQueueAttributes'], on: queues, because: ALL_QUEUES },
];

const policyReading = ({ application, environment, profile, versions }: ResourceNames): Allowance[] => [
  {
    actions: ['appconfig:ListApplications'],
    on: '*',
    because: 'AppConfig takes no resource for listing applications',
  },
  { actions: ['appconfig:ListEnvironments', 'appconfig:ListConfigurationProfiles'], on: application },
  { actions: ['appconfig:ListDeployments'], on: [application, environment] },
  {
    actions: ['appconfig:GetHostedConfigurationVersion'],
    on: [application, profile, versions],
    because: 'AppConfig numbers the versions of the policy',
  },
];

function operatorCommands({ context: { homeRegion }, key }: InstalledResources, names: ResourceNames): Commands {
  const { executions, queues, findApi, routes, runs } = names;
  const operator = (...allows: Allowance[]): CommandNeeds => ({ person: 'operator', allows });
  return {
    'policy push': operator(...policyDeployment(names)),
    'stop, resume': operator(findApi, routes('stop', 'resume')),
    announce: operator(findApi, routes('announce')),
    'messages test': operator(findApi, routes('testMessagePlace')),
    'replay, rollback': operator(
      findApi,
      runs('replays', 'rollbacks'),
      { actions: ['states:DescribeStateMachine'], on: names.machine },
      {
        actions: ['states:DescribeExecution', 'states:DescribeStateMachineForExecution'],
        on: executions,
        because: EXECUTIONS_HAVE_OWN_NAMES,
      },
      keyUse(key, homeRegion, ['Decrypt'], ['states']),
      ...policyReading(names),
    ),
    'dlq redrive': operator(findApi, runs('redrives'), {
      actions: ['sqs:ListMessageMoveTasks'],
      on: queues,
      because: ALL_QUEUES,
    }),
    'ip-ranges apply, ip-ranges remove': operator(findApi, routes('changeIpRanges')),
    'ip-ranges propose': operator(findApi, routes('planIpRangesDocument', 'proposeIpRanges')),
    'events replay': operator(findApi, runs('event-replays'), ...eventReplay(names)),
    backfill: operator(findApi, runs('backfills')),
    'aws logs filter-log-events': operator(names.logs),
  };
}

const policyDeployment = ({ application, environment, profile, findApi, routes }: ResourceNames): Allowance[] => [
  findApi,
  routes('addPolicy', 'deployPolicy'),
  { actions: ['appconfig:ListHostedConfigurationVersions'], on: [application, profile] },
  {
    actions: ['appconfig:GetDeployment'],
    on: [application, environment, `${environment}/deployment/*`],
    because: 'AppConfig numbers the deployments',
  },
];

const eventReplay = ({ archive, replays }: ResourceNames): Allowance[] => [
  { actions: ['events:ListRules'], on: '*', because: 'EventBridge takes no resource for listing rules' },
  { actions: ['events:DescribeArchive'], on: archive },
  {
    actions: ['events:DescribeReplay'],
    on: replays,
    because: 'Each run of the command names its replay',
  },
];

const approverCommands = ({ findApi, routes }: ResourceNames): Commands => ({
  'proposals approve, policy approve, ip-ranges approve, proposals deny': {
    person: 'approver',
    allows: [findApi, routes('listProposals', 'showProposal', 'answerProposal')],
  },
  'approve, deny': { person: 'approver', allows: [findApi, routes('showApproval', 'answerApproval')] },
});

/** Returns a person's own permissions, without a viewer's and without repetitions. */
export function allowancesOf(needs: Readonly<Record<string, CommandNeeds>>, who: Person): Allowance[] {
  const all = Object.values(needs).flatMap(({ person, allows }) => (person === who ? allows : []));
  return [...new Map(all.map((allowance) => [JSON.stringify(allowance), allowance])).values()];
}
