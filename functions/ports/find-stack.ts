import type { StackClaim } from '../domain/managed.ts';
import type { StackIdentity } from '../domain/stack-identity.ts';

export type StackQuestion = {
  readonly resource: StackIdentity;
  /** The Region in which the stack must be; undefined for a global resource, whose stack may be in any. */
  readonly region: string | undefined;
  /** The Region of a finding about a global resource. */
  readonly askedIn: string;
  readonly account: string;
  /** The stack that the resource's tags name. */
  readonly claim: StackClaim | undefined;
};

/** Returns the stack that has the resource, as CloudFormation says; undefined if none has it. */
export type FindStack = (question: StackQuestion) => Promise<StackClaim | undefined>;
