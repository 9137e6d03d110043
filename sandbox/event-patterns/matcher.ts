import type { Scalar } from './flatten.ts';

export type Matcher = (value: Scalar) => boolean;
export type Reject = (reason: string) => never;
