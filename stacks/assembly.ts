/** The synthesized stacks in `cdk.out`, or with other settings in a folder of their own. A new synthesis runs only if one of their inputs has changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { packagesNamed } from './packages/join.ts';
import { filesOf, findPackages } from './packages/remediation-package.ts';
import type { SynthesisStep } from './progress.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INPUTS = '.inputs';
const SOURCES = [
  'bin/app.ts',
  'cdk.json',
  'functions',
  'ip-ranges',
  'package-lock.json',
  'policy.yaml',
  'stacks',
  'statemachines',
];
const BUILD = join(ROOT, '.build');
/** Of an assembly with other settings than `cdk.json`. */
const variantFolder = (settings: ContextSettings) => join(BUILD, `assembly-${new URLSearchParams(settings)}`);
const LOCK = join(BUILD, 'synth.lock');
/** Node's compile cache, mostly of aws-cdk-lib, saves a second of loading. */
const COMPILE_CACHE = join(BUILD, 'compiled');

export type Assembly = { readonly directory: string; readonly reused: boolean; readonly seconds: number };

/** Overrides of the context, as `-c suture:<name>=<value>`. */
export type ContextSettings = Readonly<Record<string, string>>;

export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
  constructor(code: number | null, output: string) {
    super(`The stacks could not be synthesized (node bin/app.ts ended with ${code}):\n${output.trimEnd()}`);
  }
}

export type SynthesisOptions = {
  readonly settings?: ContextSettings;
  readonly force?: boolean;
  /** Gets each step of a new synthesis. */
  readonly progress?: (step: string) => void;
};

/**
 * Synthesizes, or reuses the assembly on disk. Concurrent processes wait for each other.
 * @throws SynthesisError with the app's messages, PackageError for packages that cannot be found
 */
export async function assembly({ settings = {}, force = false, progress }: SynthesisOptions = {}): Promise<Assembly> {
  const directory = Object.keys(settings).length === 0 ? join(ROOT, 'cdk.out') : variantFolder(settings);
  const started = performance.now();
  const reused = await withLock(async () => {
    const inputs = await hashOfSources();
    if (!force && inputs === (await readFile(join(directory, INPUTS), 'utf8').catch(() => ''))) return true;
    await synthesize(directory, inputs, settings, progress);
    return false;
  });
  return { directory, reused, seconds: (performance.now() - started) / 1000 };
}

/** Returns seconds, bundles included. Does not change the assembly on disk. */
export async function timeOfSynth(): Promise<number> {
  return withLock(async () => {
    const started = performance.now();
    const fresh = await makeAssembly();
    const seconds = (performance.now() - started) / 1000;
    await rm(fresh, { recursive: true, force: true });
    return seconds;
  });
}

/** Writes into a separate folder first, so that nobody reads half an assembly. */
async function synthesize(
  directory: string,
  inputs: string,
  settings: ContextSettings,
  progress: SynthesisOptions['progress'],
): Promise<void> {
  const fresh = await makeAssembly(settings, progress);
  await writeFile(join(fresh, INPUTS), inputs);
  await rm(directory, { recursive: true, force: true });
  await rename(fresh, directory);
}

async function makeAssembly(settings: ContextSettings = {}, progress?: SynthesisOptions['progress']): Promise<string> {
  const fresh = join(BUILD, 'assembly');
  await rm(fresh, { recursive: true, force: true });
  const { context } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'));
  // Whatever cdk.json says, a new sandbox has no policy yet.
  const overrides = Object.entries({ bootstrap: 'true', ...settings }).map(([key, value]) => [`suture:${key}`, value]);
  const bootstrapping = { ...context, ...Object.fromEntries(overrides) };
  await run({ CDK_OUTDIR: fresh, CDK_CONTEXT_JSON: JSON.stringify(bootstrapping) }, progress);
  return fresh;
}

function run(environment: Record<string, string>, progress: (step: string) => void = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const app = spawn(process.execPath, ['bin/app.ts'], {
      cwd: ROOT,
      // Tests disable validation for their own syntheses. Here it is always on.
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, CDK_VALIDATION: 'true', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    app.on('message', ({ step }: SynthesisStep) => progress(step));
    const output: Buffer[] = [];
    app.stdout!.on('data', (chunk: Buffer) => output.push(chunk));
    app.stderr!.on('data', (chunk: Buffer) => output.push(chunk));
    app.once('error', reject);
    app.once('close', (code) => {
      if (code === 0) return resolve();
      reject(new SynthesisError(code, Buffer.concat(output).toString()));
    });
  });
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const own = (await Promise.all(SOURCES.map(filesBelow))).flat().map((file) => join(ROOT, file));
  for (const file of [...own, ...findPackages(packagesNamed()).flatMap(filesOf)].sort())
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, path), { withFileTypes: true, recursive: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
}

/** Runs `work` while this process holds the lock. Ignores the lock of a dead process. */
async function withLock<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(BUILD, { recursive: true });
  while (!(await takeLock())) await sleep(100);
  try {
    return await work();
  } finally {
    await rm(LOCK, { force: true });
  }
}

async function takeLock(): Promise<boolean> {
  try {
    const file = await open(LOCK, 'wx');
    await file.write(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(await readFile(LOCK, 'utf8').catch(() => ''));
    if (owner > 0 && !isRunning(owner)) await rm(LOCK, { force: true });
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
