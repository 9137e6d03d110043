import { SutureError } from '../contract/errors.ts';

/**
 * Returns the values of environment variables.
 * @throws SutureError ConfigurationInvalid naming the missing ones
 */
export function environment<const N extends string>(...names: readonly N[]): Readonly<Record<N, string>> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new SutureError('ConfigurationInvalid', `The function lacks ${missing.join(', ')}. Deploy its stack again.`);
  return Object.fromEntries(names.map((name) => [name, process.env[name]!])) as Record<N, string>;
}
