/**
 * What people need for each command of the command line, and who may have it. A command that comes later adds its line here;
 * policies, roles, permission sets and the tables of docs/security.md follow.
 */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { findingKey, INDEXES, statisticsKey } from '../../functions/domain/ledger.ts';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import { AUDIT, CAPS, CIRCUITS, executionsIn, KILL_SWITCH } from '../../functions/domain/stops.ts';
import type { SutureContext } from '../context.ts';
import { FINDING_ARCHIVE, functionName, LEDGER_TABLE, stateMachineArn } from '../names.ts';
import { type Allowance, items, keyUse } from './role.ts';

/** `operator` and `approver` may do what a `viewer` may, too; neither what the other may. */
export const PEOPLE = {
  viewer: 'Sees how findings stand and why, what stops changes, and which policy is deployed',
  operator: 'Stops and resumes, replays and undoes, and deploys the policy',
  approver: 'Approves and denies changes',
} as const;
export type Person = keyof typeof PEOPLE;
export const personNames = Object.keys(PEOPLE) as Person[];

/** What the security account has, by ARN or name. */
export type Installed = {
  readonly context: SutureContext;
  readonly key: IKey;
  readonly policy: Readonly<Record<'application' | 'environment' | 'profile' | 'strategy', string>>;
};
export type CommandNeeds = { readonly person: Person; readonly allows: readonly Allowance[] };

/** By command, as it is typed. The others need no credentials. */
export function commandNeeds({ context, key, policy }: Installed): Readonly<Record<string, CommandNeeds>> {
  const { partition, homeRegion, securityAccount } = context;
  const ledger = `arn:${partition}:dynamodb:${homeRegion}:${securityAccount}:table/${LEDGER_TABLE}`;
  const lambda = (name: Parameters<typeof functionName>[0], region = homeRegion) =>
    `arn:${partition}:lambda:${region}:${securityAccount}:function:${functionName(name)}`;
  const approvals = lambda('approvals');
  const ipRanges = lambda('ip-ranges', context.ipRanges?.region);
  const appConfig = (path: string) => `arn:${partition}:appconfig:${homeRegion}:${securityAccount}:${path}`;
  const application = appConfig(`application/${policy.application}`);
  const environment = `${application}/environment/${policy.environment}`;
  const profile = `${application}/configurationprofile/${policy.profile}`;
  const versions = `${profile}/hostedconfigurationversion/*`;
  const anyVersion = 'Versions of the policy are numbered as they are made';
  const machine = stateMachineArn(context);
  const executions = `${machine.replace(':stateMachine:', ':execution:')}:*`;
  const queues = `arn:${partition}:sqs:${homeRegion}:${securityAccount}:suture-*`;
  const events = (path: string) => `arn:${partition}:events:${homeRegion}:${securityAccount}:${path}`;
  const readLedger = keyUse(key, homeRegion, ['Decrypt'], ['dynamodb']);
  const findings: Allowance[] = [
    { actions: ['dynamodb:Query'], on: Object.values(INDEXES).map(({ name }) => `${ledger}/index/${name}`) },
    readLedger,
  ];
  const stories: Allowance[] = [...findings, items(ledger, ['GetItem', 'Query'], [findingKey('*')])];
  const deadLetters: Allowance[] = [
    { actions: ['sqs:ListQueues'], on: '*', because: 'SQS takes no resource for listing queues' },
    { actions: ['sqs:GetQueueAttributes'], on: queues, because: 'Every queue of Suture, by its name' },
  ];
  const lookAtExecutions: Allowance = {
    actions: ['states:DescribeExecution', 'states:DescribeStateMachineForExecution'],
    on: executions,
    because: 'Executions bear names of their own',
  };
  /** Keeps who did what and why, and goes on where it was interrupted. */
  const audited: Allowance = items(ledger, ['Query', 'PutItem', 'UpdateItem'], [OPERATIONS, operationKey('*')]);
  const start: Allowance = { actions: ['states:StartExecution', 'states:DescribeStateMachine'], on: machine };

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
        ...stories,
        { actions: ['states:GetExecutionHistory'], on: executions, because: 'Executions bear names of their own' },
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
          because: 'CloudWatch takes no resource for metrics, and none for alarms that are asked for by state',
        },
      ],
    },
    'policy diff': {
      person: 'viewer',
      allows: [
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
          because: anyVersion,
        },
        keyUse(key, homeRegion, ['Decrypt'], ['appconfig']),
      ],
    },
    'policy push': {
      person: 'operator',
      allows: [
        {
          actions: [
            'appconfig:CreateHostedConfigurationVersion',
            'appconfig:GetConfigurationProfile',
            'appconfig:ListHostedConfigurationVersions',
          ],
          on: [application, profile],
        },
        {
          actions: ['appconfig:StartDeployment'],
          on: [application, environment, profile, appConfig(`deploymentstrategy/${policy.strategy}`)],
        },
        {
          actions: ['appconfig:GetDeployment'],
          on: [application, environment, `${environment}/deployment/*`],
          because: 'Deployments are numbered as they are made',
        },
        keyUse(key, homeRegion, ['GenerateDataKey'], ['appconfig']),
      ],
    },
    'stop, resume': {
      person: 'operator',
      allows: [items(ledger, ['PutItem'], [KILL_SWITCH.pk, AUDIT]), items(ledger, ['DeleteItem'], [KILL_SWITCH.pk])],
    },
    'replay, rollback': {
      person: 'operator',
      allows: [
        audited,
        start,
        lookAtExecutions,
        { actions: ['states:RedriveExecution'], on: executions, because: 'Executions bear names of their own' },
        keyUse(key, homeRegion, ['Decrypt', 'GenerateDataKey'], ['states']),
      ],
    },
    'dlq redrive': {
      person: 'operator',
      allows: [
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
          because: 'Every queue of Suture, by its name',
        },
        { actions: ['lambda:InvokeFunction'], on: [lambda('notify'), ipRanges] },
        keyUse(key, homeRegion, ['Decrypt', 'GenerateDataKey'], ['sqs']),
      ],
    },
    'ip-ranges plan, ip-ranges apply, ip-ranges status': {
      person: 'operator',
      allows: [{ actions: ['lambda:InvokeFunction'], on: ipRanges }],
    },
    'events replay': {
      person: 'operator',
      allows: [
        audited,
        { actions: ['events:ListRules'], on: '*', because: 'EventBridge takes no resource for listing rules' },
        { actions: ['events:DescribeArchive'], on: events(`archive/${FINDING_ARCHIVE}`) },
        {
          actions: ['events:StartReplay', 'events:DescribeReplay'],
          on: [events(`archive/${FINDING_ARCHIVE}`), events('event-bus/default'), events('replay/suture-*')],
          because: 'Replays are named after runs of the command',
        },
      ],
    },
    backfill: {
      person: 'operator',
      allows: [
        audited,
        start,
        {
          actions: ['securityhub:GetFindings'],
          on: `arn:${partition}:securityhub:${homeRegion}:${securityAccount}:hub/default`,
        },
      ],
    },
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
  };
}

/** Everything of one person's own, without what a viewer may; what several commands need, once. */
export function allowancesOf(needs: Readonly<Record<string, CommandNeeds>>, who: Person): Allowance[] {
  const all = Object.values(needs).flatMap(({ person, allows }) => (person === who ? allows : []));
  return [...new Map(all.map((allowance) => [JSON.stringify(allowance), allowance])).values()];
}
