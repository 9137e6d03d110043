import { readFile } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import { PolicyError, parsePolicy } from '../../stacks/policy.ts';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';
import { utcDay } from '../output/utc-day.ts';

export type PolicyFile = { readonly path: string; readonly text: string; readonly policy: SuturePolicy };

const WHERE_POLICY_IS =
  'policy.yaml is in the repository from which your team deploys Suture: change into its directory, or name the file. The deployed one: suture policy show > policy.yaml';

/** @throws UsageError if the file cannot be read, PolicyError if the policy is invalid */
export async function readPolicyText(file: string | undefined, now = Date.now()): Promise<PolicyFile> {
  // npm runs commands in the repository, which has the default file.
  const path = file === undefined ? 'policy.yaml' : fromCaller(file);
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw new UsageError(`${path} cannot be read: ${error.message}`);
    const where = isAbsolute(path) ? '' : ` in ${process.cwd()}`;
    throw new UsageError(`${path} cannot be read: there is no such file${where}. ${WHERE_POLICY_IS}`);
  });
  return { path, text, policy: parsePolicyText(text, path, now) };
}

/** @throws PolicyError if the policy is invalid, such as by an exception that has expired */
export const parsePolicyText = (text: string, file: string, now = Date.now()): SuturePolicy =>
  parsePolicy(text, basename(file), DECLARATIONS, utcDay(now));

export const readPolicyFile = async (file: string | undefined): Promise<SuturePolicy> =>
  (await readPolicyText(file)).policy;

/**
 * Returns undefined if the policy is valid.
 * @throws UsageError if the file cannot be read
 */
export async function policyFileError(file: string | undefined): Promise<PolicyError | undefined> {
  try {
    await readPolicyFile(file);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
}
