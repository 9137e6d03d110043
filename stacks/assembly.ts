/** The synthesized stacks in `cdk.out`, or with other settings in a folder of their own. A new synthesis runs only if one of their inputs has changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BUNDLES, filesAt, forgetInputs, hashOfFiles, recordedInputs, recordInputs } from './inputs.ts';
import { configuredPackages } from './packages/join.ts';
import { filesOf, findPackages } from './packages/remediation-package.ts';
import type { SynthesisStep } from './progress.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = [
  'bin/app.ts',
  'boundary.json',
  'cdk.json',
  'functions',
  'ip-ranges',
  'package-lock.json',
  'policy.yaml',
  'stacks',
  'statemachines',
];
const BUILD = join(ROOT, '.build');
/** Returns the folder of an assembly whose settings differ from those of `cdk.json`. */
function variantFolder(settings: ContextSettings): string {
  const name = new URLSearchParams(settings).toString();
  // Names of files have up to 255 bytes.
  return join(BUILD, `assembly-${name.length <= 100 ? name : createHash('sha256').update(name).digest('hex')}`);
}
const FRESH = join(BUILD, 'assembly');
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
  /** Also builds the bundles again. */
  readonly force?: boolean;
  /**
   * Also checks the templates with CDK's rules and cdk-nag, which takes half of a synthesis' processor time. Default:
   * only with settings. `npm run check` and each `npx cdk deploy` check the stacks of `cdk.json`.
   */
  readonly validate?: boolean;
  /** Gets each step of a new synthesis. */
  readonly progress?: (step: string) => void;
};

/**
 * Synthesizes, or reuses the assembly on disk. Concurrent processes wait for each other.
 * @throws SynthesisError with the app's messages, PackageError for packages that cannot be found
 */
export async function assembly({
  settings = {},
  force = false,
  validate = Object.keys(settings).length > 0,
  progress,
}: SynthesisOptions = {}): Promise<Assembly> {
  const directory = Object.keys(settings).length === 0 ? join(ROOT, 'cdk.out') : variantFolder(settings);
  const started = performance.now();
  const reused = await withLock(async () => {
    const inputs = await hashOfSources();
    if (!force && isReusable(await recordedInputs(directory), inputs, validate)) return true;
    if (force) await forgetInputs(BUNDLES);
    await runApp({ settings, validate, progress });
    await recordInputs(FRESH, validate ? inputs + VALIDATED : inputs);
    // The app writes into FRESH, so that nobody reads half an assembly.
    await rm(directory, { recursive: true, force: true });
    await rename(FRESH, directory);
    return false;
  });
  return { directory, reused, seconds: (performance.now() - started) / 1000 };
}

const VALIDATED = ' validated';

/**
 * Returns whether a recorded assembly has these inputs. A validated one serves also callers that need no validation.
 */
export const isReusable = (recorded: string, inputs: string, validate: boolean): boolean =>
  recorded === inputs + VALIDATED || (!validate && recorded === inputs);

export type SynthesisTime = { readonly seconds: number; readonly processorSeconds: number };

/** Measures a synthesis, bundles included, by the `times` of a shell. Does not change the assembly on disk. */
export async function timeOfSynth(): Promise<SynthesisTime> {
  return withLock(async () => {
    await forgetInputs(BUNDLES);
    const started = performance.now();
    const output = await runApp({ validate: true, command: ['sh', '-c', TIMES, 'sh', ...APP] });
    const seconds = (performance.now() - started) / 1000;
    await rm(FRESH, { recursive: true, force: true });
    return { seconds, processorSeconds: processorSecondsIn(output) };
  });
}

const TIMES = '"$@"; code=$?; times; exit $code';

/** Sums what `times` prints last: the shell's own times, then those of its children, each as user and system time. */
function processorSecondsIn(output: string): number {
  const times = output.trim().split('\n').at(-1)!;
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );
}

const APP = [process.execPath, 'bin/app.ts'] as const;

type AppRun = Pick<SynthesisOptions, 'settings' | 'validate' | 'progress'> & {
  readonly command?: readonly string[];
};

/** Synthesizes into `FRESH`. Returns what the app prints. */
async function runApp({ settings = {}, validate = false, progress, command = APP }: AppRun): Promise<string> {
  await rm(FRESH, { recursive: true, force: true });
  const { context } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'));
  // Whatever cdk.json says, a new sandbox has no policy yet.
  const overrides = Object.entries({ bootstrap: 'true', ...settings }).map(([key, value]) => [`suture:${key}`, value]);
  const appContext = { ...context, ...Object.fromEntries(overrides) };
  const environment = {
    CDK_OUTDIR: FRESH,
    CDK_CONTEXT_JSON: JSON.stringify(appContext),
    CDK_VALIDATION: String(validate),
  };
  return run(command, environment, progress);
}

function run(
  [file, ...args]: readonly string[],
  environment: Record<string, string>,
  progress: (step: string) => void = () => {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const app = spawn(file!, args, {
      cwd: ROOT,
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    app.on('message', ({ step }: SynthesisStep) => progress(step));
    const chunks: Buffer[] = [];
    app.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk));
    app.stderr!.on('data', (chunk: Buffer) => chunks.push(chunk));
    app.once('error', reject);
    app.once('close', (code) => {
      const output = Buffer.concat(chunks).toString();
      if (code === 0) return resolve(output);
      reject(new SynthesisError(code, output));
    });
  });
}

async function hashOfSources(): Promise<string> {
  const own = (await Promise.all(SOURCES.map(filesAt))).flat();
  return hashOfFiles([...own, ...findPackages(configuredPackages()).flatMap(filesOf)]);
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
