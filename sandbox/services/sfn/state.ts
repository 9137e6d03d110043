import type { EncryptionConfiguration, LoggingConfiguration, TracingConfiguration } from '@aws-sdk/client-sfn';
import { type At, AwsError, type AwsPlace, type StateKey } from '../../kernel/kernel.ts';
import type { Execution } from '../../states-language/execution.ts';
import { executionOfToken } from '../../states-language/tasks.ts';

/** One revision. An update creates a new object: executions keep the one from which they started. */
export type StateMachine = {
  readonly arn: string;
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly creationDate: number;
  readonly updateDate: number;
  readonly revisionId: string | undefined;
  readonly logging: LoggingConfiguration | undefined;
  readonly tracing: TracingConfiguration | undefined;
  readonly encryption: EncryptionConfiguration | undefined;
};

export type MachineVersion = {
  readonly machine: StateMachine;
  readonly description: string | undefined;
  readonly at: number;
};
export type Route = { readonly stateMachineVersionArn: string; readonly weight: number };

/** Runs this machine revision even after a redrive. */
export type StoredExecution = Execution & { readonly machine: StateMachine; redriveToken?: string };

export type SfnState = {
  readonly machines: Map<string, StateMachine>;
  readonly versions: Map<string, MachineVersion>;
  readonly aliases: Map<string, readonly Route[]>;
  readonly executions: Map<string, StoredExecution>;
};
export type SfnAt = At<SfnState>;

export const SFN: StateKey<SfnState> = {
  name: 'sfn',
  scope: 'region',
  state: () => ({ machines: new Map(), versions: new Map(), aliases: new Map(), executions: new Map() }),
};

export const STEP_FUNCTIONS_PRINCIPAL = 'states.amazonaws.com';

export const machineArn = (place: AwsPlace, name: string): string =>
  `arn:${place.partition}:states:${place.region}:${place.account}:stateMachine:${name}`;

/**
 * Separates the version or alias.
 * @throws AwsError InvalidArn
 */
export function parseMachineArn(arn: string | undefined): { machine: string; qualifier: string | undefined } {
  const match = /^(arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[^:/]+)(?::([^:]+))?$/.exec(arn ?? '');
  if (!match) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  return { machine: match[1]!, qualifier: match[2] };
}

const EXECUTION_ARN = /^(arn:[\w-]+:states:[\w-]+:\d{12}):execution:([^:/]+):([^:]+)$/;

export const sfnExecutionArn = (machine: StateMachine, name: string): string =>
  `${machine.arn.replace(/:stateMachine:/, ':execution:')}:${name}`;

/** @throws AwsError InvalidArn */
export function machineOfExecution(arn: string | undefined): string {
  const match = EXECUTION_ARN.exec(arn ?? '');
  if (!match) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  return `${match[1]}:stateMachine:${match[2]}`;
}

/** @throws AwsError InvalidToken */
export function executionOfWaitingTask(token: string | undefined): string {
  const arn = executionOfToken(token ?? '');
  if (arn === null) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  return arn;
}

export function machineIn(state: SfnState, arn: string | undefined): StateMachine {
  const machine = state.machines.get(arn ?? '');
  if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return machine;
}

export function executionIn(state: SfnState, arn: string | undefined): StoredExecution {
  machineOfExecution(arn);
  const execution = state.executions.get(arn!);
  if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return execution;
}

/**
 * Checks a name: 1 to 80 characters without spaces, brackets, wildcards or special characters.
 * @throws AwsError InvalidName
 */
export function checkSfnName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids them by name.
  const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;
  if (name.length < 1 || name.length > 80 || forbidden.test(name))
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
