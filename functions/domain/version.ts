/** Versions of stored and sent formats: `v` of a job, a request, a message, a journal entry. */
import * as z from 'zod';
import { SutureError } from '../contract/errors.ts';

/**
 * Returns a schema that refuses every other version before it validates the fields: problems of a format that it does not
 * understand would mean nothing.
 */
export const versioned = <S extends z.ZodType>(format: string, version: number, schema: S) =>
  z
    .unknown()
    .superRefine((value, context) => {
      const found = versionIn(value);
      if (found !== version)
        context.addIssue({
          code: 'custom',
          path: ['v'],
          params: UNKNOWN_VERSION,
          message: refusal(format, found, version),
        });
    })
    .pipe(schema);

const UNKNOWN_VERSION = { unknownVersion: true };

const versionIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;

const refusal = (format: string, found: unknown, version: number) =>
  `the ${format} has ${found === undefined ? 'no v' : `v ${JSON.stringify(found)}`}, and only v ${version} is understood; ` +
  'deploy all stacks of one release, then start the execution again';

/**
 * Parses the input of a function.
 * @throws SutureError ConfigurationInvalid where a format in it has a version that is not understood; else zod's error
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const unknownVersion = parsed.error.issues.find(
    (issue) => issue.code === 'custom' && issue.params === UNKNOWN_VERSION,
  );
  if (!unknownVersion) throw parsed.error;
  const { message } = unknownVersion;
  throw new SutureError('ConfigurationInvalid', `${message[0]!.toUpperCase()}${message.slice(1)}.`);
}
