/** The policy that a command uses: a file, or the deployed one. */
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { Failure } from '../errors/failure.ts';

export type ChosenPolicy = { readonly policy: SuturePolicy; readonly name: string };

/** @throws Failure if no policy is deployed, or this version of Suture cannot read it */
export async function chosenPolicy(
  file: string | undefined,
  { aws = {} }: Pick<OperatorEnvironment, 'aws'>,
): Promise<ChosenPolicy> {
  if (file !== undefined) {
    const { readPolicyFile } = await import('./policy-file.ts');
    return { policy: await readPolicyFile(file), name: file };
  }
  const { policyStoreAt } = await import('../clients/policy.ts');
  const { parseVersion } = await import('./comparison.ts');
  const deployed = await (await policyStoreAt(aws)).deployed();
  if (!deployed) throw new Failure('No policy is deployed yet. Give one: --policy policy.yaml');
  const { version, content } = deployed;
  return { policy: parseVersion(content, version), name: `version ${version}, which is deployed` };
}
