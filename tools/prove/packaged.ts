/** Remediations of the packages that cdk.json names, and their proofs. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagesNamed } from '../../stacks/packages/join.ts';
import { removeProof, writeProof } from '../../stacks/packages/proof.ts';
import {
  findPackages,
  type PackagedModule,
  type RemediationPackage,
} from '../../stacks/packages/remediation-package.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Packaged = { readonly from: RemediationPackage; readonly module: PackagedModule };

/** @throws PackageError */
export const packagedRemediations = (): Packaged[] =>
  findPackages(packagesNamed()).flatMap((from) => from.modules.map((module) => ({ from, module })));

/**
 * Writes the proof; a broken law takes an earlier proof away.
 * @param code the hash of what was proven
 */
export async function recordProof(
  module: PackagedModule,
  code: string,
  { isProven, json }: { readonly isProven: boolean; readonly json: boolean },
): Promise<void> {
  if (!isProven) return removeProof(module);
  const proof = relative(ROOT, await writeProof(module, code));
  if (!json) console.log(`${proof} records it. Commit it with the code.`);
}
