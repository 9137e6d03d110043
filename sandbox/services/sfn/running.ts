/** The executions that run in a sandbox: promises and timers beside the plain state. */
import { apartFromHolds, lettingTimePass } from '../../kernel/clock.ts';
import { type At, AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { StateError } from '../../states-language/errors.ts';
import { type Running, redriveExecution, startExecution } from '../../states-language/interpreter.ts';
import type { Environment } from '../../states-language/run.ts';
import { emitServiceEvent } from '../eventbridge/index.ts';
import { performTask } from './integrations.ts';
import { assumeRole } from './machines.ts';
import { redriveStatus } from './redrive.ts';
import type { SfnState, StoredExecution } from './state.ts';

const runningIn = new WeakMap<Kernel, Map<string, Running>>();

/** What runs the execution; undefined once it has ended. */
export const runningOf = (kernel: Kernel, arn: string): Running | undefined => runningIn.get(kernel)?.get(arn);

/** Starts the execution, or goes on with one that had ended without success. */
export function launch(at: At<SfnState>, execution: StoredExecution, begin: 'start' | 'redrive'): void {
  const { kernel } = at;
  const all = runningIn.get(kernel) ?? new Map<string, Running>();
  runningIn.set(kernel, all);
  const environment = environmentOf(at, execution);
  apartFromHolds(() => {
    const running = (begin === 'start' ? startExecution : redriveExecution)(environment, execution);
    all.set(execution.arn, running);
    const ended = running.done.finally(() => {
      if (all.get(execution.arn) === running) all.delete(execution.arn);
    });
    // The execution holds the clock itself while it computes.
    kernel.background(`execution ${execution.arn}`, () => lettingTimePass(() => ended));
  });
}

function environmentOf(at: At<SfnState>, execution: StoredExecution): Environment {
  const { kernel } = at;
  let session: Principal | undefined;
  return {
    clock: kernel.clock,
    region: at.region,
    random: () => kernel.random(),
    uuid: () => kernel.uuid(),
    changed: () => emitStatus(kernel, at, execution),
    perform: async (work) => {
      session ??= roleSession(at, execution);
      return performTask(kernel, at, session, work, execution);
    },
  };
}

function roleSession(at: At<SfnState>, { machine }: StoredExecution): Principal {
  try {
    return assumeRole(at, machine);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateError('States.Permissions', error.message);
  }
}

/** Input and output are left out of the event when it would grow beyond this. */
const LARGEST_EVENT_BYTES = 248 * 1024;

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
function emitStatus(kernel: Kernel, place: AwsPlace, execution: StoredExecution): void {
  const { input, output, error, cause, arn } = execution;
  const bytes = [input, output, error, cause].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  const included = bytes <= LARGEST_EVENT_BYTES;
  const redrive = redriveStatus(execution, kernel.clock.now());
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
      redriveStatus: redrive.status,
      redriveStatusReason: redrive.reason ?? null,
    },
  });
}
