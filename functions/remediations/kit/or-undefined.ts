import { isNamed } from '../../contract/errors.ts';

/** Returns AWS's answer, or undefined if AWS answers with one of these errors: many services do for absent settings. */
export async function orUndefined<T>(answer: Promise<T>, ...errors: readonly string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, ...errors)) return undefined;
    throw error;
  }
}
