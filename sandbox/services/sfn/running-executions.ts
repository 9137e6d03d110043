/** Promises and timers, which cannot be in the service's state. */
import { withoutHolds, withSuspendedHolds } from '../../kernel/clock.ts';
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { StateError } from '../../states-language/errors.ts';
import { type RunningExecution, redriveExecution, startExecution } from '../../states-language/interpreter.ts';
import type { ExecutionEnvironment } from '../../states-language/run.ts';
import { emitServiceEvent } from '../eventbridge/publish.ts';
import { performTask } from './integrations.ts';
import { assumeMachineRole } from './machines.ts';
import { redriveStatus } from './redrive.ts';
import type { SfnAt, StoredExecution } from './state.ts';

const runningIn = new WeakMap<Kernel, Map<string, RunningExecution>>();

/** Returns undefined if the execution has ended. */
export const runningExecution = (kernel: Kernel, arn: string): RunningExecution | undefined =>
  runningIn.get(kernel)?.get(arn);

export function launchExecution(at: SfnAt, execution: StoredExecution, begin: 'start' | 'redrive'): void {
  const { kernel } = at;
  const all = runningIn.get(kernel) ?? new Map<string, RunningExecution>();
  runningIn.set(kernel, all);
  const environment = environmentOf(at, execution);
  withoutHolds(() => {
    const running = (begin === 'start' ? startExecution : redriveExecution)(environment, execution);
    all.set(execution.arn, running);
    const untilEnd = running.done.finally(() => {
      if (all.get(execution.arn) === running) all.delete(execution.arn);
    });
    // The execution itself holds the virtual clock while it computes.
    kernel.background(`execution ${execution.arn}`, () => withSuspendedHolds(() => untilEnd));
  });
}

function environmentOf(at: SfnAt, execution: StoredExecution): ExecutionEnvironment {
  const { kernel } = at;
  let session: Principal | undefined;
  return {
    clock: kernel.clock,
    region: at.region,
    random: () => kernel.random(),
    uuid: () => kernel.uuid(),
    changed: () => emitStatusChange(kernel, at, execution),
    perform: async (work, _, job) => {
      session ??= machineRoleSession(at, execution);
      return performTask({ kernel, place: at, session, execution }, work, (arn) => awaitEnd(kernel, arn), job);
    },
  };
}

async function awaitEnd(kernel: Kernel, arn: string): Promise<void> {
  await withSuspendedHolds(async () => runningExecution(kernel, arn)?.done);
}

function machineRoleSession(at: SfnAt, { machine }: StoredExecution): Principal {
  try {
    return assumeMachineRole(at, machine);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateError('States.Permissions', error.message);
  }
}

/** The event omits input and output if they would exceed this. */
const LARGEST_EVENT_BYTES = 248 * 1024;

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
function emitStatusChange(kernel: Kernel, place: AwsPlace, execution: StoredExecution): void {
  const { input, output, error, cause, arn } = execution;
  const bytes = [input, output, error, cause].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  const included = bytes <= LARGEST_EVENT_BYTES;
  const redriveState = redriveStatus(execution, kernel.clock.now());
  emitServiceEvent(kernel, place, {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: execution.stateMachineArn,
      name: execution.name,
      status: execution.status,
      startDate: execution.startDate,
      stopDate: execution.stopDate ?? null,
      input: included ? input : null,
      inputDetails: { included },
      output: (included && output) || null,
      outputDetails: output === undefined ? null : { included },
      error: error ?? null,
      cause: cause ?? null,
      stateMachineVersionArn: execution.stateMachineVersionArn ?? null,
      stateMachineAliasArn: execution.stateMachineAliasArn ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redriveDate ?? null,
      redriveStatus: redriveState.status,
      redriveStatusReason: redriveState.reason ?? null,
    },
  });
}
