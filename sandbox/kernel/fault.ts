import type { NormalizedSchema } from '@smithy/core/schema';
import type { AwsPlace } from './place.ts';
import type { Principal } from './principal.ts';

/** Without a message, AWS's own is used. */
export type ErrorForm = { readonly code: string; readonly status: number; readonly message?: string };

/** 'dropBefore' and 'dropAfter' drop the connection without an answer, before or after the call took effect. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly status?: number;
      readonly message?: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'dropBefore' | 'dropAfter' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'late'; readonly seconds: number }
  /** Kills the calling Lambda function instance, before or after the call took effect. */
  | { readonly kind: 'killBefore' | 'killAfter' };

export type FaultableCall = {
  readonly service: string;
  readonly operation: string;
  readonly place: AwsPlace;
  readonly principal: Principal;
  readonly input: any;
  readonly instance?: string;
  readonly isRead: boolean;
  readonly throttling: ErrorForm;
  readonly denial: ErrorForm;
};

export type FaultRule = (call: FaultableCall) => Fault | undefined;

/** Returns the output that the caller gets over the wire instead. `schema` is the SDK's schema of it. */
export type AnswerRule = (call: FaultableCall, output: unknown, schema: NormalizedSchema) => unknown;
