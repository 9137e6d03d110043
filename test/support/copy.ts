/** A copy of this repository in which a test may write anything. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED_PATHS = [
  'bin',
  'cli',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'biome.json',
  'boundary.json',
  'cdk.json',
  'docs',
  'functions',
  'ip-ranges',
  'lab',
  'package-lock.json',
  'package.json',
  'policy.yaml',
  'sandbox',
  'smoke',
  'stacks',
  'statemachines',
  'test',
  'tools',
  'tsconfig.json',
  'vitest.config.ts',
];

export type ProgramResult = { readonly code: number; readonly out: string };

export type RepositoryCopy = {
  readonly root: string;
  run(program: string, ...args: string[]): Promise<ProgramResult>;
  /** Runs a script of package.json as `npm run -s` does, without the half second that npm itself takes. */
  script(name: string, ...args: string[]): Promise<ProgramResult>;
  /** Returns what the compiler and the formatter say against files or folders of the copy. */
  faultsOf(...paths: string[]): Promise<string[]>;
  remove(): Promise<void>;
};

export async function copyRepository(): Promise<RepositoryCopy> {
  const root = await mkdtemp(join(tmpdir(), 'suture-copy-'));
  for (const path of COPIED_PATHS) await cp(join(ROOT, path), join(root, path), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return {
    root,
    run: (program, ...args) => run(root, program, args),
    script: (name, ...args) => run(root, 'sh', ['-c', `${scripts[name]} "$@"`, name, ...args]),
    faultsOf: (...paths) => faultsOf(root, paths),
    remove: () => rm(root, { recursive: true }),
  };
}

async function faultsOf(root: string, paths: readonly string[]): Promise<string[]> {
  const project = 'tsconfig.of-test.json';
  await writeFile(join(root, project), JSON.stringify({ extends: './tsconfig.json', include: paths }));
  const checked = await Promise.all([
    // Most files are the same in each call.
    run(root, 'npx', ['tsc', '-p', project, '--incremental', '--tsBuildInfoFile', 'of-test.tsbuildinfo']),
    run(root, 'npx', ['biome', 'check', '--error-on-warnings', ...paths]),
  ]);
  return checked.flatMap(({ code, out }) => (code === 0 ? [] : [out]));
}

function run(cwd: string, program: string, args: readonly string[]): Promise<ProgramResult> {
  // Vitest marks its workers by variables. An inner Vitest that inherits them behaves like a worker.
  const { VITEST, VITEST_MODE, VITEST_POOL_ID, VITEST_WORKER_ID, ...env } = process.env;
  // As npm sets them for its scripts.
  const PATH = [join(cwd, 'node_modules', '.bin'), env.PATH].join(delimiter);
  const own = { PATH, INIT_CWD: cwd };
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env: { ...env, ...own, NO_COLOR: '1' } }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? 1, out: stdout + stderr }),
    );
  });
}
