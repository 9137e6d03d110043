/** Payloads of invocations that end without the handler's own answer. */
import type { InvocationError } from './protocol.ts';

/** Lambda accepts 6 MB and an allowance for the envelope. */
export const LARGEST_ANSWER_BYTES = 6_291_556;

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export const timeoutError = (requestId: string, seconds: number): InvocationError => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
});

/** `killed` from outside or for its memory, else the exit status. */
export type InstanceExit = 'killed' | number;

export const exitError = (requestId: string, exit: InstanceExit): InvocationError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `RequestId: ${requestId} Error: ${exitReason(exit)}`,
});

const exitReason = (exit: InstanceExit): string => {
  if (exit === 'killed') return 'Runtime exited with error: signal: killed';
  return exit === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${exit}`;
};

export const answerTooLargeError = (bytes: number): InvocationError => ({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${LARGEST_ANSWER_BYTES} bytes).`,
});
