/**
 * Errors of states, and how ErrorEquals matches them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */

/** Retry and Catch match `error`. A Fail state may omit both `error` and `cause`. */
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

/** A path, template or intrinsic function that cannot be evaluated; `in` adds the state to the cause. */
export class EvaluationError extends StateError {
  in(state: string, eventId: number): StateError {
    const where = `An error occurred while executing the state '${state}' (entered at the event id #${eventId}).`;
    return new StateError(this.error, `${where} ${this.cause}`);
  }
}

/**
 * AWS reports exceeded TimeoutSeconds and HeartbeatSeconds as States.Timeout; ErrorEquals may also name
 * States.HeartbeatTimeout for the latter.
 */
export class TimeoutError extends StateError {
  readonly heartbeat: boolean;
  constructor(heartbeat: boolean) {
    super('States.Timeout');
    this.heartbeat = heartbeat;
  }
}

/** Ends a state because its execution, or the surrounding Parallel or Map, ended. Retry and Catch do not handle it. */
export class AbortedError extends Error {}

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
