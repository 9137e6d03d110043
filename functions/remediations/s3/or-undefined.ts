/** S3 answers with an error for a setting that was never made. */
import { isNamed } from '../../contract/errors.ts';

/** The answer, or undefined where AWS answers with one of these errors. */
export async function orNone<T>(answer: Promise<T>, ...errors: readonly string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, ...errors)) return undefined;
    throw error;
  }
}
