/**
 * The permissions of each command, and who has them. A new command adds its line here; policies, roles, permission sets
 * and the tables of docs/security.md derive from it.
 */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { findingKey, INDEXES, statisticsKey } from '../../functions/domain/ledger.ts';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import { AUDIT, CAPS, CIRCUITS, executionsIn, KILL_SWITCH } from '../../functions/domain/stops.ts';
import type { SutureContext } from '../context.ts';
import { FINDING_ARCHIVE, functionName, LEDGER_TABLE, stateMachineArn } from '../names.ts';
import { type Allowance, items, keyUse } from './role.ts';

/** `operator` and `approver` each include the `viewer`'s permissions, but not the other's. */
export const PEOPLE = {
  viewer: 'Sees how findings stand and why, what stops changes, and which policy is deployed',
  operator: 'Stops and resumes, replays and undoes, and deploys the policy',
  approver: 'Approves and denies changes',
} as const;
export type Person = keyof typeof PEOPLE;
export const PERSON_NAMES = Object.keys(PEOPLE) as Person[];

export type InstalledResources = {
  readonly context: SutureContext;
  readonly key: IKey;
  readonly policy: Readonly<Record<'application' | 'environment' | 'profile' | 'strategy', string>>;
};
export type CommandNeeds = { readonly person: Person; readonly allows: readonly Allowance[] };

/** By command name as typed. Commands that are missing here need no credentials. */
export function commandNeeds(installed: InstalledResources): Readonly<Record<string, CommandNeeds>> {
  const names = resourceNames(installed);
  return { ...viewerCommands(installed, names), ...operatorCommands(installed, names), ...approverCommands(names) };
}

type ResourceNames = ReturnType<typeof resourceNames>;
type Commands = Readonly<Record<string, CommandNeeds>>;

/** Returns the ARNs that commands use, and permissions that several commands share. */
function resourceNames({ context, key, policy }: InstalledResources) {
  const { partition, homeRegion, securityAccount } = context;
  const arn = (service: string, resource: string, region = homeRegion) =>
    `arn:${partition}:${service}:${region}:${securityAccount}:${resource}`;
  const ledger = arn('dynamodb', `table/${LEDGER_TABLE}`);
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
    /** For the audit trail, and for commands that continue after an interruption. */
    audited: items(ledger, ['Query', 'PutItem', 'UpdateItem'], [OPERATIONS, operationKey('*')]),
    start: { actions: ['states:StartExecution', 'states:DescribeStateMachine'], on: machine } satisfies Allowance,
    executions: `${machine.replace(':stateMachine:', ':execution:')}:*`,
    queues: arn('sqs', 'suture-*'),
    notify: arn('lambda', `function:${functionName('notify')}`),
    approvals: arn('lambda', `function:${functionName('approvals')}`),
    ipRanges: arn('lambda', `function:${functionName('ip-ranges')}`, context.ipRanges?.region),
    hub: arn('securityhub', 'hub/default'),
    events: (path: string) => arn('events', path),
    application,
    environment: `${application}/environment/${policy.environment}`,
    profile,
    versions: `${profile}/hostedconfigurationversion/*`,
    strategy: arn('appconfig', `deploymentstrategy/${policy.strategy}`),
  };
}

const EXECUTIONS_HAVE_OWN_NAMES = 'Each execution has its own name';
const ALL_QUEUES = 'All queues of Suture, by their prefix';

function viewerCommands({ context: { homeRegion }, key }: InstalledResources, names: ResourceNames): Commands {
  const { ledger, readLedger, findings, executions } = names;
  const deadLetters: Allowance[] = [
    { actions: ['sqs:ListQueues'], on: '*', because: 'SQS takes no resource for listing queues' },
    { actions: ['sqs:GetQueueAttributes'], on: names.queues, because: ALL_QUEUES },
  ];
  return {
    stops: {
      person: 'viewer',
      allows: [
        items(ledger, ['GetItem'], [KILL_SWITCH.pk, executionsIn('*').pk]),
        items(ledger, ['Query'], [CIRCUITS, CAPS, AUDIT]),
        readLedger,
      ],
    },
    list: { person: 'viewer', allows: findings },
    show: {
      person: 'viewer',
      allows: [
        ...findings,
        items(ledger, ['GetItem', 'Query'], [findingKey('*')]),
        { actions: ['states:GetExecutionHistory'], on: executions, because: EXECUTIONS_HAVE_OWN_NAMES },
        keyUse(key, homeRegion, ['Decrypt'], ['states']),
      ],
    },
    'dlq list': { person: 'viewer', allows: deadLetters },
    status: {
      person: 'viewer',
      allows: [
        ...findings,
        ...deadLetters,
        items(ledger, ['Query'], [statisticsKey('*')]),
        {
          actions: ['cloudwatch:ListMetrics', 'cloudwatch:GetMetricStatistics', 'cloudwatch:DescribeAlarms'],
          on: '*',
          because: 'CloudWatch takes no resource for metrics, and none for alarms that are listed by state',
        },
      ],
    },
    'policy diff': { person: 'viewer', allows: policyReading(names, key, homeRegion) },
  };
}

const policyReading = (
  { application, environment, profile, versions }: ResourceNames,
  key: IKey,
  homeRegion: string,
): Allowance[] => [
  {
    actions: ['appconfig:ListApplications', 'appconfig:ListDeploymentStrategies'],
    on: '*',
    because: 'AppConfig takes no resource for listing applications and strategies',
  },
  { actions: ['appconfig:ListEnvironments', 'appconfig:ListConfigurationProfiles'], on: application },
  { actions: ['appconfig:ListDeployments'], on: [application, environment] },
  {
    actions: ['appconfig:GetHostedConfigurationVersion'],
    on: [application, profile, versions],
    because: 'AppConfig numbers the versions of the policy',
  },
  keyUse(key, homeRegion, ['Decrypt'], ['appconfig']),
];

function operatorCommands({ context: { homeRegion }, key }: InstalledResources, names: ResourceNames): Commands {
  const { ledger, audited, start, executions, queues, ipRanges } = names;
  const operator = (...allows: Allowance[]): CommandNeeds => ({ person: 'operator', allows });
  return {
    'policy push': operator(...policyDeployment(names), keyUse(key, homeRegion, ['GenerateDataKey'], ['appconfig'])),
    'stop, resume': operator(
      items(ledger, ['PutItem'], [KILL_SWITCH.pk, AUDIT]),
      items(ledger, ['DeleteItem'], [KILL_SWITCH.pk]),
    ),
    'replay, rollback': operator(
      audited,
      start,
      {
        actions: ['states:DescribeExecution', 'states:DescribeStateMachineForExecution'],
        on: executions,
        because: EXECUTIONS_HAVE_OWN_NAMES,
      },
      { actions: ['states:RedriveExecution'], on: executions, because: EXECUTIONS_HAVE_OWN_NAMES },
      keyUse(key, homeRegion, ['Decrypt', 'GenerateDataKey'], ['states']),
    ),
    'dlq redrive': operator(
      audited,
      start,
      {
        actions: [
          'sqs:DeleteMessage',
          'sqs:ListMessageMoveTasks',
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
          'sqs:StartMessageMoveTask',
        ],
        on: queues,
        because: ALL_QUEUES,
      },
      { actions: ['lambda:InvokeFunction'], on: [names.notify, ipRanges] },
      keyUse(key, homeRegion, ['Decrypt', 'GenerateDataKey'], ['sqs']),
    ),
    'ip-ranges plan, ip-ranges apply, ip-ranges remove, ip-ranges status': operator({
      actions: ['lambda:InvokeFunction'],
      on: ipRanges,
    }),
    'events replay': operator(audited, ...eventReplay(names)),
    backfill: operator(audited, start, { actions: ['securityhub:GetFindings'], on: names.hub }),
  };
}

const policyDeployment = ({ application, environment, profile, strategy }: ResourceNames): Allowance[] => [
  {
    actions: [
      'appconfig:CreateHostedConfigurationVersion',
      'appconfig:GetConfigurationProfile',
      'appconfig:ListHostedConfigurationVersions',
    ],
    on: [application, profile],
  },
  { actions: ['appconfig:StartDeployment'], on: [application, environment, profile, strategy] },
  {
    actions: ['appconfig:GetDeployment'],
    on: [application, environment, `${environment}/deployment/*`],
    because: 'AppConfig numbers the deployments',
  },
];

const eventReplay = ({ events }: ResourceNames): Allowance[] => [
  { actions: ['events:ListRules'], on: '*', because: 'EventBridge takes no resource for listing rules' },
  { actions: ['events:DescribeArchive'], on: events(`archive/${FINDING_ARCHIVE}`) },
  {
    actions: ['events:StartReplay', 'events:DescribeReplay'],
    on: [events(`archive/${FINDING_ARCHIVE}`), events('event-bus/default'), events('replay/suture-*')],
    because: 'Each run of the command names its replay',
  },
];

const approverCommands = ({ approvals }: ResourceNames): Commands => ({
  'approvals, approve, deny': {
    person: 'approver',
    allows: [
      { actions: ['lambda:GetFunctionUrlConfig', 'lambda:InvokeFunctionUrl'], on: approvals },
      {
        actions: ['lambda:InvokeFunction'],
        on: approvals,
        when: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
    ],
  },
});

/** Returns a person's own permissions, without a viewer's and without repetitions. */
export function allowancesOf(needs: Readonly<Record<string, CommandNeeds>>, who: Person): Allowance[] {
  const all = Object.values(needs).flatMap(({ person, allows }) => (person === who ? allows : []));
  return [...new Map(all.map((allowance) => [JSON.stringify(allowance), allowance])).values()];
}
