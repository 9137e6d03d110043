/** `proof.json` beside a package's remediation: its code as it was when every law held. */
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CONTRACT_VERSION } from './contract-version.ts';
import type { PackagedModule } from './remediation-package.ts';

export const PROOF_FILE = 'proof.json';
const Proof = z.object({ remediation: z.string(), contract: z.string(), code: z.string() });

/** Writes the proof and returns its path. */
export async function writeProof({ id, folder }: PackagedModule, code: string): Promise<string> {
  const file = join(folder, PROOF_FILE);
  const proof: z.infer<typeof Proof> = { remediation: id, contract: CONTRACT_VERSION, code };
  await writeFile(file, `${JSON.stringify(proof, null, 2)}\n`);
  return file;
}

export const removeProof = ({ folder }: PackagedModule): Promise<void> => rm(join(folder, PROOF_FILE), { force: true });

/** Returns why the proof does not hold for the code, with the command that renews it; undefined if it does. */
export function proofProblem({ id, folder }: PackagedModule, code: string): string | undefined {
  const proof = Proof.safeParse(contentOf(join(folder, PROOF_FILE))).data;
  const problem = proof ? staleness(proof, code) : 'has no proof';
  return problem && `${id} ${problem}. Prove it: npm run prove -- ${id}`;
}

function staleness({ contract, code }: z.infer<typeof Proof>, current: string): string | undefined {
  if (contract !== CONTRACT_VERSION)
    return `was proven against version ${contract} of the contract, and this is ${CONTRACT_VERSION}`;
  return code === current ? undefined : 'has changed since it was proven';
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
