import type { Scalar } from './flatten.ts';

export type Matcher = (value: Scalar) => boolean;
/** Refuses the pattern, with the reason. */
export type Reject = (reason: string) => never;
