import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors/usage-error.ts';
import { jsonProblem } from '../input/json-place.ts';
import { fromCaller } from '../options/from-caller.ts';

/**
 * Parses the JSON, so that the request carries it without white space: Lambda takes 6 MB.
 * @throws UsageError
 */
export async function readDocument(file: string): Promise<unknown> {
  const text = await readFile(fromCaller(file), 'utf8').catch((error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(jsonProblem(file, text, error));
  }
}
