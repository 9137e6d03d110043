/** Plugins of esbuild that leave out what no function needs of Node and of the AWS SDK. */
import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Reads credentials from Lambda's environment. The SDK's other providers cost 130 KB per bundle. */
export const credentials: Plugin = {
  name: 'credentials-from-the-environment',
  setup(bundler) {
    bundler.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: 'environment',
      namespace: 'credentials',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'credentials' }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: join(ROOT, 'node_modules', '@aws-sdk', 'credential-provider-node'),
    }));
  },
};

/**
 * Lets esbuild drop the schemas of operations that the bundle never calls. esbuild keeps every object with a computed
 * key (`{ [_xN]: … }`) although the keys are constants of the same file: 550 KB for EC2 alone.
 */
export const shakenSchemas: Plugin = {
  name: 'shaken-schemas',
  setup(bundler) {
    bundler.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/\w+\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const constants = new Map(
        [...source.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, text]) => [name, text]),
      );
      const contents = source.replace(/\[(_\w+)\]:/g, (key, name: string) =>
        constants.has(name) ? `${constants.get(name)}:` : key,
      );
      return { contents, loader: 'js' };
    });
  },
};

const OPERATION_NAMES = /\b(?:\w+Command|paginate\w+|waitUntil\w+)\b/g;
const LISTS = /@aws-sdk\/client-[^/]+\/dist-es\/(?:(?:commands|pagination|waiters)\/)?index\.js$/;

/**
 * Lets esbuild read only the operations that the functions' code names. A client has a file for each of up to 700
 * operations, and reading all of them takes most of esbuild's time. esbuild fails for a library that needs another one.
 * @param folders those of the functions' code, with absolute paths
 */
export const namedOperations = (folders: readonly string[]): Plugin => ({
  name: 'named-operations',
  setup(bundler) {
    const named = new Set(folders.flatMap(operationsIn));
    bundler.onLoad({ filter: LISTS }, async ({ path }) => {
      const lines = (await readFile(path, 'utf8')).split('\n');
      return { contents: lines.filter((line) => isNeeded(line, named)).join('\n'), loader: 'js' };
    });
  },
});

const operationsIn = (folder: string): string[] =>
  globSync('**/*.{ts,js,mjs}', { cwd: folder, exclude: ['**/node_modules'] }).flatMap(
    (file) => readFileSync(join(folder, file), 'utf8').match(OPERATION_NAMES) ?? [],
  );

/** Returns false for lines that export the file of an operation which nobody names, or of the client with all operations. */
function isNeeded(line: string, named: ReadonlySet<string>): boolean {
  const file = /^export \* from "\.\/(\w+)";$/.exec(line)?.[1];
  if (!file) return true;
  if (file.endsWith('Command')) return named.has(file);
  if (file.endsWith('Paginator')) return named.has(`paginate${file.slice(0, -'Paginator'.length)}`);
  if (file.startsWith('waitFor')) return named.has(`waitUntil${file.slice('waitFor'.length)}`);
  // "./EC2" exports the class that has a method for each operation; "./EC2Client" has none.
  return file.endsWith('Client') || !/^[A-Z]/.test(file) || file === 'Interfaces';
}

/**
 * Saves a third of a function's start-up. To export `node:http` to ES modules, Node reads each of its members, and
 * reading `WebSocket` loads the implementation of fetch: 50 ms of processor time. Only the updater of address ranges uses
 * it, when it downloads the document.
 */
export const httpWithoutFetch: Plugin = {
  name: 'http-without-fetch',
  setup(bundler) {
    bundler.onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({
      path: path.replace('node:', ''),
      namespace: 'builtin',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};
