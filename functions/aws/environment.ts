import { SutureError } from '../contract/errors.ts';

/** @throws SutureError ConfigurationInvalid naming the missing variables */
export function environment<const N extends string>(...names: readonly N[]): Readonly<Record<N, string>> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new SutureError('ConfigurationInvalid', `The function lacks ${missing.join(', ')}. Deploy its stack again.`);
  return Object.fromEntries(names.map((name) => [name, process.env[name]!])) as Record<N, string>;
}
