/** Prints each formal fault of the repository with its file and line. Exits with 1 if there is one. */
import { fileURLToPath } from 'node:url';
import type { Remediation } from '../functions/contract/remediation.ts';
import { constantFaults } from './structure/constants.ts';
import { exportedNameFaults } from './structure/exported-names.ts';
import { faultText, type StructureFault } from './structure/fault.ts';
import { importFaults } from './structure/imports.ts';
import { type ExportedWords, infrastructureNameFaults, loadExportedWords } from './structure/infrastructure-names.ts';
import { remediationFactFaults, remediationFileFaults } from './structure/remediations.ts';
import { unwrittenFaults } from './structure/skeletons.ts';
import { readSourceFiles, type SourceFile } from './structure/source-files.ts';
import { testFileFaults } from './structure/test-files.ts';
import { toolOptions } from './tool-options.ts';

/** `words` are what `loadExportedWords` returns of the files. */
export const structureFaults = (
  files: readonly SourceFile[],
  remediations: readonly Remediation[],
  words: readonly ExportedWords[] = [],
): StructureFault[] =>
  [
    ...importFaults(files),
    ...constantFaults(files),
    ...exportedNameFaults(files),
    ...testFileFaults(files),
    ...remediationFileFaults(files),
    ...remediationFactFaults(remediations, files),
    ...unwrittenFaults(files),
    ...infrastructureNameFaults(files, words),
  ].toSorted(byPathAndLine);

function byPathAndLine(a: StructureFault, b: StructureFault): number {
  if (a.path === b.path) return a.line - b.line;
  return a.path < b.path ? -1 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  toolOptions(
    'node tools/check-structure.ts\n\nPrints each formal fault of the repository. npm run check runs it.',
    {},
  );
  const { REMEDIATIONS } = await import('../functions/remediations/registry.generated.ts');
  const files = readSourceFiles();
  const faults = structureFaults(files, REMEDIATIONS, await loadExportedWords(files));
  for (const fault of faults) console.error(faultText(fault));
  if (faults.length > 0) {
    console.error(`${faults.length} formal ${faults.length === 1 ? 'fault' : 'faults'}.`);
    process.exitCode = 1;
  }
}
