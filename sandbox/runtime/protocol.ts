/** Messages between the sandbox and a function instance (a worker thread). */

/** The data with which an instance starts. */
export type InstanceData = {
  /** Id of the instance; its HTTP requests carry it in the header `INSTANCE_HEADER`. */
  readonly instance: string;
  /** Directory of the bundle, and the handler as in the function's configuration: `index.handler`. */
  readonly directory: string;
  readonly handler: string;
  /** The sandbox's address: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** The virtual clock's time; absent if time is real. */
  readonly cell?: SharedArrayBuffer;
  /** Milliseconds by which the instance's own clock is ahead of that time. */
  readonly skewMs?: number;
};

export const INSTANCE_HEADER = 'x-sandbox-instance';
/** Number of the request among those of its instance. */
export const REQUEST_HEADER = 'x-sandbox-request';
/** The origin of a request for a host other than the sandbox: `https://example.com`. */
export const ORIGIN_HEADER = 'x-sandbox-origin';

/** The part of Lambda's context object that is plain data. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export type InvocationContext = {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
};

export type ToInstance =
  | {
      readonly kind: 'invoke';
      /** The event, as JSON. */
      readonly event: string;
      readonly context: InvocationContext;
      /** Milliseconds since 1970 at which the invocation times out. */
      readonly deadline: number;
    }
  /** Virtual time has moved: fire the timers that are due. */
  | { readonly kind: 'tick' };

/** A request whose answer has not arrived in full. */
export type OpenRequest = {
  /** The value of its header `REQUEST_HEADER`. */
  readonly id: string;
  /** Bytes that arrived on its connection since that was opened. */
  readonly receivedBytes: number;
};

export type FromInstance =
  | { readonly kind: 'log'; readonly text: string }
  /** The running invocation waits for answers to `requests` and for its timer at `earliest` (null: no timer), and for nothing else. */
  | { readonly kind: 'idle'; readonly requests: readonly OpenRequest[]; readonly earliest: number | null }
  /** No longer idle, without a `tick`. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'done'; readonly payload: string; readonly processorMs: number }
  /** The handler threw, or, if `fatal`, the bundle or the whole process failed. */
  | { readonly kind: 'failed'; readonly error: InvocationError; readonly fatal: boolean };

/** The payload of a failed invocation. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export type InvocationError = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
};
