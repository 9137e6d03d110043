import type { AwsPlace } from './place.ts';
import type { Principal } from './principal.ts';

/** The code and HTTP status of an error that a service answers with; the message is AWS's. */
export type ErrorForm = { readonly code: string; readonly status: number; readonly message?: string };

/** The effect of an injected fault on a call. 'cutBefore' and 'cutAfter' drop the connection without answer before or after it took effect. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly status?: number;
      readonly message?: string;
      /** Further modelled members of the error's shape. */
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'cutBefore' | 'cutAfter' }
  | { readonly kind: 'stale' }
  /** The call takes effect, and its answer comes this many seconds late. */
  | { readonly kind: 'late'; readonly seconds: number }
  /** Kills the Lambda function instance that makes the call, before or after the call took effect. */
  | { readonly kind: 'killBefore' | 'killAfter' };

/** A call, as fault rules see it before it runs. */
export type FaultableCall = {
  readonly service: string;
  readonly operation: string;
  readonly place: AwsPlace;
  readonly principal: Principal;
  readonly input: any;
  /** As in the call's record. */
  readonly instance?: string;
  /** True for an operation that changes nothing. */
  readonly isRead: boolean;
  /** The error by which the service throttles, and that by which it denies. */
  readonly throttling: ErrorForm;
  readonly denial: ErrorForm;
};

export type FaultRule = (call: FaultableCall) => Fault | undefined;
