import type { CreateStateMachineInput, UpdateStateMachineInput } from '@aws-sdk/client-sfn';
import { AwsError, type Need, type Principal } from '../../kernel/kernel.ts';
import { DefinitionError, parseDefinition } from '../../states-language/validation.ts';
import { keyNeeds } from '../kms/needs.ts';
import { LOGS, logGroupKey } from '../logs/state.ts';
import { onlyMembers } from '../requests.ts';
import { machineKeyNeeds } from './keys.ts';
import {
  checkSfnName,
  machineArn,
  machineIn,
  parseMachineArn,
  type Route,
  type SfnAt,
  STEP_FUNCTIONS_PRINCIPAL,
  type StateMachine,
} from './state.ts';

/** Returns the needs besides the action itself: passing the role and using the key. */
export function machineNeeds(
  at: SfnAt,
  machine: Pick<StateMachine, 'arn' | 'encryption'>,
  roleArn: string | undefined,
): Need[] {
  const pass = { action: 'iam:PassRole', context: { 'iam:PassedToService': STEP_FUNCTIONS_PRINCIPAL } };
  return [
    ...(roleArn === undefined ? [] : [{ ...pass, resource: roleArn }]),
    ...machineKeyNeeds(at, machine, ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt']),
  ];
}

export function createMachine(at: SfnAt, input: CreateStateMachineInput): StateMachine {
  onlyMembers('CreateStateMachine', input, [
    'name',
    'definition',
    'roleArn',
    'type',
    'loggingConfiguration',
    'tracingConfiguration',
    'encryptionConfiguration',
    'tags',
    'publish',
    'versionDescription',
  ]);
  if ((input.type ?? 'STANDARD') !== 'STANDARD')
    throw new AwsError('NotModelled', 'The sandbox does not model Express workflows.', 501);
  checkSfnName(input.name!);
  const now = at.kernel.clock.now();
  const machine: StateMachine = {
    arn: machineArn(at, input.name!),
    name: input.name!,
    definition: input.definition!,
    roleArn: input.roleArn!,
    creationDate: now,
    updateDate: now,
    revisionId: undefined,
    logging: input.loggingConfiguration,
    tracing: input.tracingConfiguration,
    encryption: input.encryptionConfiguration,
  };
  const existing = at.state.machines.get(machine.arn);
  if (existing) {
    const same = existing.definition === machine.definition && existing.roleArn === machine.roleArn;
    if (same) return existing;
    throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${machine.arn}'`);
  }
  checkMachine(at, machine);
  at.state.machines.set(machine.arn, machine);
  return machine;
}

export function updateMachine(at: SfnAt, input: UpdateStateMachineInput): StateMachine {
  const { machine: arn } = parseMachineArn(input.stateMachineArn);
  const before = machineIn(at.state, arn);
  const machine: StateMachine = {
    ...before,
    definition: input.definition ?? before.definition,
    roleArn: input.roleArn ?? before.roleArn,
    logging: input.loggingConfiguration ?? before.logging,
    tracing: input.tracingConfiguration ?? before.tracing,
    encryption: input.encryptionConfiguration ?? before.encryption,
    updateDate: at.kernel.clock.now(),
    revisionId: at.kernel.uuid(),
  };
  checkMachine(at, machine);
  at.state.machines.set(arn, machine);
  return machine;
}

function checkMachine(at: SfnAt, machine: StateMachine): void {
  try {
    parseDefinition(machine.definition);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${error.message}'`);
  }
  const role = assumeMachineRole(at, machine);
  if (machine.definition.includes(':states:startExecution.sync')) checkManagedRule(at, machine, role);
  if ((machine.logging?.level ?? 'OFF') !== 'OFF') {
    checkLogDelivery(at, role);
    checkLogKeys(at, machine, role);
  }
  if (machine.tracing?.enabled) authorizeTracing(at, role);
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies */
function checkManagedRule(at: SfnAt, { roleArn }: StateMachine, role: Principal): void {
  const resource = `arn:${at.partition}:events:${at.region}:${at.account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  for (const action of ['events:PutRule', 'events:PutTargets', 'events:DescribeRule']) {
    try {
      at.kernel.authorize(role, at, { action, resource }, 'eventbridge');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError('AccessDeniedException', `'${roleArn}' is not authorized to create managed-rule.`);
    }
  }
}

export function assumeMachineRole(at: SfnAt, machine: StateMachine): Principal {
  const session = at.kernel.uuid().replaceAll('-', '');
  try {
    return at.kernel.assumeForService(STEP_FUNCTIONS_PRINCIPAL, machine.roleArn, session, machine.arn);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'AccessDeniedException',
      `Neither the global service principal ${STEP_FUNCTIONS_PRINCIPAL}, nor the regional one is authorized to assume the provided role.`,
    );
  }
}

/** None supports resources: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy */
const LOG_DELIVERY_ACTIONS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

function checkLogDelivery(at: SfnAt, role: Principal): void {
  for (const action of LOG_DELIVERY_ACTIONS) {
    try {
      at.kernel.authorize(role, at, { action, resource: '*' }, 'logs');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(
        'AccessDeniedException',
        'The state machine IAM Role is not authorized to access the Log Destination',
      );
    }
  }
}

/**
 * For an encrypted log group, the machine's role must be allowed to generate data keys, and log delivery to decrypt.
 * https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
 */
function checkLogKeys(at: SfnAt, machine: StateMachine, role: Principal): void {
  const delivery: Principal = { kind: 'service', service: 'delivery.logs.amazonaws.com', account: at.account };
  const SourceArn = `arn:${at.partition}:logs:${at.region}:${at.account}:*`;
  for (const { cloudWatchLogsLogGroup } of machine.logging?.destinations ?? []) {
    const name = cloudWatchLogsLogGroup?.logGroupArn?.split(':')[6] ?? '';
    const key = logGroupKey(at.kernel.state(LOGS, at), name);
    const needsOn = (action: string) =>
      keyNeeds(at.kernel, at, key, [action], 'delivery.logs.amazonaws.com', { SourceArn });
    for (const need of needsOn('kms:GenerateDataKey')) at.kernel.authorize(role, at, need, 'kms');
    for (const need of needsOn('kms:Decrypt')) at.kernel.authorize(delivery, at, need, 'kms');
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const TRACING_ACTIONS = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

/** Records whether the role may send traces. A role without the permissions only loses its traces. */
function authorizeTracing(at: SfnAt, role: Principal): void {
  for (const action of TRACING_ACTIONS) {
    try {
      at.kernel.authorize(role, at, { action, resource: '*' }, 'xray');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }
}

/** Returns the version's ARN. A revision is published only once. */
export function publishVersion(at: SfnAt, machine: StateMachine, description: string | undefined): string {
  const own = [...at.state.versions].filter(([, version]) => version.machine.arn === machine.arn);
  const published = own.find(([, version]) => version.machine === machine);
  if (published) return published[0];
  const numbers = own.map(([arn]) => Number(parseMachineArn(arn).qualifier));
  const arn = `${machine.arn}:${Math.max(0, ...numbers) + 1}`;
  at.state.versions.set(arn, { machine, description, at: at.kernel.clock.now() });
  return arn;
}

export function putAlias(at: SfnAt, arn: string, routes: readonly Route[]): void {
  const weights = routes.reduce((sum, route) => sum + route.weight, 0);
  if (routes.length < 1 || routes.length > 2 || weights !== 100)
    throw new AwsError('ValidationException', 'An alias routes to one or two versions whose weights make 100');
  for (const { stateMachineVersionArn } of routes) {
    if (!at.state.versions.has(stateMachineVersionArn))
      throw new AwsError('ResourceNotFound', `Resource not found: '${stateMachineVersionArn}'`);
  }
  at.state.aliases.set(arn, routes);
}

export type ResolvedMachine = { machine: StateMachine; versionArn: string | undefined; aliasArn: string | undefined };

/** Accepts ARNs with and without version or alias. An alias picks one of its versions at random, by weight. */
export function resolveMachine(at: SfnAt, arn: string | undefined): ResolvedMachine {
  const { machine, qualifier } = parseMachineArn(arn);
  if (qualifier === undefined)
    return { machine: machineIn(at.state, machine), versionArn: undefined, aliasArn: undefined };
  const routes = at.state.aliases.get(arn!);
  const versionArn = routes ? pickRoute(routes, at.kernel.random()) : arn!;
  const version = at.state.versions.get(versionArn);
  if (!version) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return { machine: version.machine, versionArn, aliasArn: routes && arn };
}

function pickRoute([first, second]: readonly Route[], random: number): string {
  const chosen = second && random * 100 >= first!.weight ? second : first!;
  return chosen.stateMachineVersionArn;
}
