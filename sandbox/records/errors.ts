/** AWS's errors, by the names of their shapes in the SDK. */
import { AwsError } from '../kernel/kernel.ts';

type ErrorClass = abstract new (...args: any[]) => Error;
export type SdkErrorName<M> = { [K in keyof M]: M[K] extends ErrorClass ? K : never }[keyof M] & string;

/** Returns a maker of errors that accepts only names that the SDK has. The wire adds code and status. */
export const sdkErrors =
  <M>() =>
  (name: SdkErrorName<M>, message: string, fields?: Readonly<Record<string, unknown>>): AwsError =>
    new AwsError(name, message, 400, fields);
