import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type SourceFile = { readonly path: string; readonly text: string };

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['bin', 'cli', 'functions', 'ip-ranges', 'lab', 'sandbox', 'smoke', 'stacks', 'test', 'tools'];

/** Reads TypeScript files and readmes. Leaves out templates, whose names are placeholders. */
export function readSourceFiles(root = REPOSITORY): SourceFile[] {
  const paths = globSync(`{${FOLDERS.join(',')}}/**/*.{ts,md}`, { cwd: root, exclude: ['**/dist/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('/templates/') && !path.includes('node_modules/'));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export const isTypeScript = ({ path }: SourceFile): boolean => path.endsWith('.ts');
