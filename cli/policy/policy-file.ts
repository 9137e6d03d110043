/** Loads every remediation: import it only when a command runs. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { PolicyError, parsePolicy } from '../../stacks/policy.ts';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';

/** @throws UsageError if the file cannot be read, PolicyError if the policy is invalid */
export async function readPolicyFile(given: string | undefined): Promise<SuturePolicy> {
  // npm runs commands in the repository, which has the default file.
  const file = given === undefined ? 'policy.yaml' : fromCaller(given);
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new UsageError(
      `${file} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  return parsePolicy(text, basename(file), REMEDIATIONS);
}

/**
 * Returns undefined if the policy is valid.
 * @throws UsageError if the file cannot be read
 */
export async function policyFileError(given: string | undefined): Promise<PolicyError | undefined> {
  try {
    await readPolicyFile(given);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
}
