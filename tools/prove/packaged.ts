/** Remediations of the packages that cdk.json names, and their proofs. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configuredPackages } from '../../stacks/packages/join.ts';
import { removeProof, writeProof } from '../../stacks/packages/proof.ts';
import {
  findPackages,
  type PackagedModule,
  type RemediationPackage,
} from '../../stacks/packages/remediation-package.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type PackagedRemediation = { readonly from: RemediationPackage; readonly module: PackagedModule };

/** @throws PackageError */
export const packagedRemediations = (): PackagedRemediation[] =>
  findPackages(configuredPackages()).flatMap((from) => from.modules.map((module) => ({ from, module })));

/**
 * Writes the proof, or removes an earlier one if a law is broken.
 * @param codeHash the hash of the code that was proven
 */
export async function recordProof(
  module: PackagedModule,
  codeHash: string,
  { isProven, json }: { readonly isProven: boolean; readonly json: boolean },
): Promise<void> {
  if (!isProven) return removeProof(module);
  const proof = relative(ROOT, await writeProof(module, codeHash));
  if (!json) console.log(`${proof} records it. Commit it with the code.`);
}
