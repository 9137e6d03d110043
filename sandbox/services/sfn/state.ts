/** What Step Functions keeps in an account and Region, and how its ARNs are read. */
import type { EncryptionConfiguration, LoggingConfiguration, TracingConfiguration } from '@aws-sdk/client-sfn';
import { AwsError, type AwsPlace } from '../../kernel/kernel.ts';
import type { Execution } from '../../states-language/execution.ts';

/** One revision of a state machine. An update makes a new object: executions keep the one that they started from. */
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

export type Version = { readonly machine: StateMachine; readonly description: string | undefined; readonly at: number };
export type Route = { readonly stateMachineVersionArn: string; readonly weight: number };

/** An execution and the revision of the machine that it runs, also after a redrive. */
export type StoredExecution = Execution & { readonly machine: StateMachine; redriveToken?: string };

export type SfnState = {
  readonly machines: Map<string, StateMachine>;
  readonly versions: Map<string, Version>;
  readonly aliases: Map<string, readonly Route[]>;
  readonly executions: Map<string, StoredExecution>;
};

export const newState = (): SfnState => ({
  machines: new Map(),
  versions: new Map(),
  aliases: new Map(),
  executions: new Map(),
});

/** A service that Step Functions calls knows it by this name. */
export const SERVICE_PRINCIPAL = 'states.amazonaws.com';

export const machineArn = (place: AwsPlace, name: string): string =>
  `arn:${place.partition}:states:${place.region}:${place.account}:stateMachine:${name}`;

/** The ARN of a machine without version or alias, and these apart. */
export function parseMachineArn(arn: string | undefined): { machine: string; qualifier: string | undefined } {
  const match = /^(arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[^:/]+)(?::([^:]+))?$/.exec(arn ?? '');
  if (!match) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  return { machine: match[1]!, qualifier: match[2] };
}

const EXECUTION = /^(arn:[\w-]+:states:[\w-]+:\d{12}):execution:([^:/]+):([^:]+)$/;

export const executionArn = (machine: StateMachine, name: string): string =>
  `${machine.arn.replace(/:stateMachine:/, ':execution:')}:${name}`;

/** The machine's ARN from that of one of its executions. */
export function machineOfExecution(arn: string | undefined): string {
  const match = EXECUTION.exec(arn ?? '');
  if (!match) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  return `${match[1]}:stateMachine:${match[2]}`;
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

/** Names of machines and executions: 1 to 80 characters without spaces, brackets, wildcards and special characters. */
export function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids them by name.
  const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;
  if (name.length < 1 || name.length > 80 || forbidden.test(name)) {
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
  }
}
