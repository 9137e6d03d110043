/** The code of a package's remediation: the files that it reaches, and their hash. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type BuildFailure, build, type Message, type Metafile, type Plugin } from 'esbuild';
import { CONTRACT_VERSION, PROVIDED_SOURCES } from './contract-version.ts';
import { isProvided } from './provided-modules.ts';
import type { PackagedModule, RemediationPackage } from './remediation-package.ts';

export type ModuleCode =
  | { readonly hash: string; readonly problems?: undefined }
  | { readonly problems: readonly string[] };

/**
 * Returns the SHA-256 of all files that remediation and scenarios import from the package, and of the contract's
 * version; or what is wrong with them: syntax, and imports that a remediation may not have.
 */
export async function codeOf({ given, directory }: RemediationPackage, module: PackagedModule): Promise<ModuleCode> {
  try {
    const { metafile } = await build({
      absWorkingDir: directory,
      entryPoints: [module.index, module.scenarios],
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unwritten',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      plugins: [onlyProvidedModules],
    });
    const outside = outsideImports(metafile, directory).map((text) => `${given}/${text}`);
    return outside.length > 0 ? { problems: outside } : { hash: hashOf(Object.keys(metafile.inputs), directory) };
  } catch (error) {
    return { problems: (error as BuildFailure).errors.map((message) => `${given}/${messageText(message)}`) };
  }
}

const onlyProvidedModules: Plugin = {
  name: 'only-provided-modules',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      if (path.startsWith('node:') || isProvided(path)) return { external: true };
      const modules = [...Object.keys(PROVIDED_SOURCES), 'zod', '@aws-sdk/client-*'];
      const text = `imports "${path}". A remediation may import ${modules.join(', ')}, Node's own modules as node:…, and files of its package: put the code itself into the package`;
      return { errors: [{ text }] };
    });
  },
};

function outsideImports({ inputs }: Metafile, directory: string): string[] {
  return Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(
        ({ path, external }) =>
          !external && /^\.\.|(^|\/)node_modules\//.test(relative(directory, resolve(directory, path))),
      )
      .map(
        ({ original = '' }) =>
          `${file}: imports "${original}", which is outside of the package. Put the file itself into the package`,
      ),
  );
}

const messageText = ({ text, location }: Message) =>
  location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;

function hashOf(files: readonly string[], directory: string): string {
  const hash = createHash('sha256').update(`contract ${CONTRACT_VERSION}\0`);
  for (const file of files.toSorted())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(directory, file)))
      .update('\0');
  return hash.digest('hex');
}
