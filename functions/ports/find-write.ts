import type { Undoing } from '../domain/reverted.ts';

export type WriteQuestion = {
  /** Names under which CloudTrail may have the resource. */
  readonly names: readonly string[];
  /** The Region in which CloudTrail has the resource's events. */
  readonly region: string;
  readonly since: number;
};

/** Returns the last change of the resource by others than Suture, as CloudTrail says; undefined if that is not known. */
export type FindWrite = (question: WriteQuestion) => Promise<Undoing | undefined>;
