/** What the sandbox and a function instance (a worker thread) say to each other. */

/** What an instance is started with. */
export type InstanceData = {
  /** Id of the instance; its HTTP requests carry it in the header `instanceHeader`. */
  readonly instance: string;
  /** Directory of the bundle, and the handler as in the function's configuration: `index.handler`. */
  readonly directory: string;
  readonly handler: string;
  /** `http://127.0.0.1:PORT`, where the sandbox listens. */
  readonly endpoint: string;
  /** The virtual clock's time; absent where time is real. */
  readonly cell?: SharedArrayBuffer;
  /** Milliseconds by which the instance's own clock is ahead of that time. */
  readonly skew?: number;
};

export const instanceHeader = 'x-sandbox-instance';
/** The origin that a request was for, where it was not for the sandbox: `https://example.com`. */
export const originHeader = 'x-sandbox-origin';

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
  /** Virtual time has moved: fire what is due. */
  | { readonly kind: 'tick' };

export type FromInstance =
  | { readonly kind: 'log'; readonly text: string }
  /** The running invocation can do nothing before `earliest` (null: no timer) but receive answers to `requests` open requests. */
  | { readonly kind: 'idle'; readonly requests: number; readonly earliest: number | null }
  /** No longer idle, without having been told that time moved. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'done'; readonly payload: string; readonly processorMs: number }
  /** The handler threw, or, where `fatal`, the bundle or the whole process failed. */
  | { readonly kind: 'failed'; readonly error: InvocationError; readonly fatal: boolean };

/** The payload of a failed invocation. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export type InvocationError = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
};
