/** The payloads of invocations that end without the handler's own answer. */
import type { InvocationError } from './protocol.ts';

/** Bytes of an answer that Lambda takes: 6 MB and a little for the envelope. */
export const largestAnswer = 6_291_556;

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export const timedOut = (requestId: string, seconds: number): InvocationError => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
});

/** The process ended during an invocation: `killed` from outside or for its memory, else with the exit status `code`. */
export const exited = (requestId: string, how: 'killed' | number): InvocationError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `RequestId: ${requestId} Error: ${exitReason(how)}`,
});

const exitReason = (how: 'killed' | number): string => {
  if (how === 'killed') return 'Runtime exited with error: signal: killed';
  return how === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${how}`;
};

export const answerTooLarge = (bytes: number): InvocationError => ({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${largestAnswer} bytes).`,
});
