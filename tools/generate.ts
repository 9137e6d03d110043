/**
 * Writes every generated file that is missing or out of date. With `--check` it writes nothing and exits with 1 if a
 * file differs from its generated text.
 */
import { fileURLToPath } from 'node:url';
import { UsageError } from '../cli/errors/usage-error.ts';
import { cliCommands } from './generators/cli-commands.ts';
import { declarations } from './generators/declarations.ts';
import { type GeneratedFile, outdatedFiles, writeFiles } from './generators/files.ts';
import { registryFaults } from './generators/registry-faults.ts';
import { remediationLists } from './generators/remediation-lists.ts';
import { sandboxServices } from './generators/sandbox-services.ts';
import { loadErrorText } from './load-error.ts';
import { toolOptions } from './tool-options.ts';

/** Returns the lists that the rest of the code imports. They follow from the disk alone, so they are written first. */
const lists = async (): Promise<GeneratedFile[]> => [
  ...remediationLists(),
  ...(await sandboxServices()),
  ...(await cliCommands()),
];
/** Returns the declarations of the remediations in the lists. Pages load bundles, which import them. */
const declarationFiles = async (): Promise<GeneratedFile[]> => {
  const remediations = await loadRemediations();
  const faults = registryFaults(remediations);
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return [await declarations(remediations)];
};

/** @throws UsageError for a remediation that does not load because of a wrong name in its declaration */
async function loadRemediations() {
  try {
    return (await import('../functions/remediations/registry.generated.ts')).REMEDIATIONS;
  } catch (error) {
    throw (error as Error).name === 'WrongNameError' ? new UsageError(loadErrorText(error as Error)) : error;
  }
}

const pages = async (): Promise<GeneratedFile[]> => (await import('./generators/pages.ts')).pages();

/** Returns the paths of generated files that are missing or differ from their generated text. */
export async function outdatedGeneratedFiles(): Promise<string[]> {
  const outdatedLists = await outdatedFiles(await lists());
  // Files generated from outdated lists would be wrong themselves.
  if (outdatedLists.length > 0) return outdatedLists;
  return outdatedFiles([...(await declarationFiles()), ...(await pages())]);
}

async function write(): Promise<void> {
  const written = [
    ...(await writeFiles(await lists())),
    ...(await writeFiles(await declarationFiles())),
    ...(await writeFiles(await pages())),
  ];
  console.log(written.length > 0 ? written.join('\n') : 'Every generated file is up to date.');
}

async function check(): Promise<void> {
  const paths = await outdatedGeneratedFiles();
  for (const path of paths) console.error(`${path} is out of date. Run: npm run generate`);
  if (paths.length > 0) process.exitCode = 1;
}

const USAGE = `npm run generate [-- --check]

Writes every generated file that is missing or out of date. With --check it writes nothing, and exits with 1 if there is one.`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = toolOptions(USAGE, { check: { type: 'boolean' } });
  try {
    await (options.check ? check() : write());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
