import type { FailureReason } from './command.ts';

/** Why the function changed nothing, or not all, besides the errors that every function of Suture has. */
export type IpRangesErrorName =
  /** The document cannot be right, or would take too much away. */
  | 'DocumentRefused'
  /** An obstacle in the target's account blocks the change. A person must decide. */
  | 'TargetBlocked'
  /** A person's command names no target, or holds no document. */
  | 'CommandInvalid'
  /** AWS's answers kept contradicting what was read just before. */
  | 'NotConverged'
  /** Targets that failed, each with its own reason. */
  | 'TargetsFailed';

export class IpRangesError extends Error {
  override readonly name: IpRangesErrorName;
  /** If there are several, each by its own name. */
  readonly reasons: FailureReason[] | undefined;
  constructor(
    name: IpRangesErrorName,
    message: string,
    { reasons, ...options }: ErrorOptions & { readonly reasons?: FailureReason[] } = {},
  ) {
    super(message, options);
    this.name = name;
    this.reasons = reasons;
  }
}
