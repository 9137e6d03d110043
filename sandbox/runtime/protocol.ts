/** Messages between the sandbox and a function instance (a worker thread). */

export type InstanceData = {
  /** HTTP requests of the instance have it in the header `INSTANCE_HEADER`. */
  readonly instance: string;
  /** The bundle's directory, and the handler from the function's configuration: `index.handler`. */
  readonly directory: string;
  readonly handler: string;
  readonly endpoint: string;
  /** The virtual clock's time; absent if time is real. */
  readonly cell?: SharedArrayBuffer;
  /** How far ahead the instance's own clock is. */
  readonly skewMs?: number;
};

export const INSTANCE_HEADER = 'x-sandbox-instance';
export const REQUEST_HEADER = 'x-sandbox-request';
/** The origin of a request to a host other than the sandbox: `https://example.com`. */
export const ORIGIN_HEADER = 'x-sandbox-origin';

/** The plain data of Lambda's context object. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
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
      readonly event: string;
      readonly context: InvocationContext;
      readonly deadline: number;
    }
  /** Virtual time has moved: fire the due timers. */
  | { readonly kind: 'tick' }
  /** A request waits for virtual time; the sandbox has sent `sentBytes` on its connection. */
  | { readonly kind: 'parked'; readonly request: string; readonly sentBytes: number }
  | { readonly kind: 'unparked'; readonly request: string };

export type OpenRequest = {
  readonly id: string;
  /** Bytes that have arrived on its connection. */
  readonly receivedBytes: number;
};

export type FromInstance =
  | { readonly kind: 'log'; readonly text: string }
  /**
   * The running invocation waits only for answers to `requests`, which are all parked, and for its timer at `earliest`
   * (null: no timer).
   */
  | { readonly kind: 'idle'; readonly requests: readonly OpenRequest[]; readonly earliest: number | null }
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
