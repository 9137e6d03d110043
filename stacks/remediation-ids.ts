/** Suture's own remediations as the folders have them, without loading their code. */
import { globSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import type { Remediation } from '../functions/contract/remediation.ts';

const FOLDER = fileURLToPath(new URL('../functions/remediations/', import.meta.url));

/** A folder below `functions/remediations/<service>/` with an `index.ts` is a remediation: `ec2/close-admin-ports`. */
export const remediationIds = (): Remediation['id'][] =>
  globSync('*/*/index.ts', { cwd: FOLDER })
    .map((path) => dirname(path.replaceAll('\\', '/')) as Remediation['id'])
    .sort(byFolders);

/** Compares ids in Biome's order of imports: `a/b` comes before `a-b/c`. */
export const byFolders = (a: string, b: string): number => (a.replaceAll('/', '\0') < b.replaceAll('/', '\0') ? -1 : 1);
