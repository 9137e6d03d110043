/**
 * Errors of states and what ErrorEquals matches.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */

/** A state failed with an error name and a cause that Retry and Catch may look at. A Fail state may leave both out. */
export class StateError extends Error {
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  constructor(error: string | undefined, cause?: string) {
    super(`${error ?? 'an error without a name'}: ${cause ?? ''}`);
    this.name = 'StateError';
    this.error = error;
    this.cause = cause;
  }
}

/** A path, template or intrinsic function could not be evaluated; the state that did so is added to the cause. */
export class EvaluationError extends StateError {
  in(state: string, eventId: number): StateError {
    const where = `An error occurred while executing the state '${state}' (entered at the event id #${eventId}).`;
    return new StateError(this.error, `${where} ${this.cause}`);
  }
}

/**
 * A task ran longer than TimeoutSeconds, or was silent for longer than HeartbeatSeconds.
 * AWS reports both as States.Timeout; ErrorEquals may also say States.HeartbeatTimeout for the latter.
 */
export class TimeoutError extends StateError {
  readonly heartbeat: boolean;
  constructor(heartbeat: boolean) {
    super('States.Timeout');
    this.heartbeat = heartbeat;
  }
}

/** The state's execution or the Parallel or Map around it ended while it ran. No Retry or Catch sees this. */
export class Aborted extends Error {}

/** Whether one of the names of a retrier or catcher stands for this error. */
export function matchesError(names: readonly string[], error: StateError): boolean {
  // "A States.Runtime error isn't retriable, and will always cause the execution to fail."
  if (error.error === 'States.Runtime') return false;
  return names.some((name) => matchesName(name, error));
}

function matchesName(name: string, error: StateError): boolean {
  if (name === error.error) return true;
  if (error.error === 'States.DataLimitExceeded') return false;
  if (name === 'States.ALL') return true;
  if (name === 'States.TaskFailed') return error.error !== 'States.Timeout';
  return name === 'States.HeartbeatTimeout' && error instanceof TimeoutError && error.heartbeat;
}
