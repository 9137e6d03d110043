/** Versions of stored and sent formats: `v` of a job, a request, a message, a journal entry. */
import * as z from 'zod';
import { SutureError } from '../contract/errors.ts';

/**
 * Refuses every other version before it validates the fields, because problems of an unknown format would mean nothing.
 */
export const versioned = <S extends z.ZodType>(format: string, versions: number | readonly number[], schema: S) =>
  z
    .unknown()
    .superRefine((value, context) => {
      const found = versionIn(value);
      if (![versions].flat().some((version) => version === found))
        context.addIssue({
          code: 'custom',
          path: ['v'],
          params: UNKNOWN_VERSION,
          message: refusal(format, found, [versions].flat().join(' and ')),
        });
    })
    .pipe(schema);

const UNKNOWN_VERSION = { unknownVersion: true };

export const versionIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;

const refusal = (format: string, found: unknown, versions: string) =>
  `the ${format} has ${found === undefined ? 'no v' : `v ${JSON.stringify(found)}`}, and only v ${versions} is understood; ` +
  'deploy all stacks of one release, then start the execution again';

const MALFORMED = 'The input is not what this function takes';
const REMEDY = 'Deploy all stacks of one release; if that does not help, find out what wrote the input.';

/** @throws SutureError ConfigurationInvalid, a name that the workflow knows, whatever is wrong with the input */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const unknownVersion = parsed.error.issues.find(
    (issue) => issue.code === 'custom' && issue.params === UNKNOWN_VERSION,
  );
  if (unknownVersion) {
    const { message } = unknownVersion;
    throw new SutureError('ConfigurationInvalid', `${message[0]!.toUpperCase()}${message.slice(1)}.`);
  }
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new SutureError('ConfigurationInvalid', `${MALFORMED}: ${problems.slice(0, 5).join('; ')}. ${REMEDY}`);
}
