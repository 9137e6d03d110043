/** `suture simulate`: what would happen to these findings? */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { timeOf } from '../../cli/options/selection.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { PolicyError, readPolicy } from '../../stacks/policy.ts';
import { published, type Trace } from '../organization/trace.ts';
import { counted, story, tableOf } from '../story/show.ts';
import { readEntries } from './input.ts';
import { everything, observing } from './policy.ts';
import { simulate } from './run.ts';

export type SimulateOptions = {
  readonly json?: boolean;
  readonly mode: 'plan' | 'apply';
  readonly policy?: string;
  readonly asIs?: boolean;
  readonly at?: string;
};

export type Answer = { readonly text: string; readonly failed: boolean };

/** @param files their paths, or `-` for standard input @throws UsageError when a file or the policy cannot be read */
export async function simulateCommand(files: readonly string[], options: SimulateOptions): Promise<Answer> {
  const policy = policyOf(options);
  const entries = await Promise.all(
    files.map(async (file) => readEntries(await contentOf(file), file === '-' ? 'standard input' : basename(file))),
  );
  const traces = await simulate(entries.flat(), {
    policy: options.mode === 'plan' ? observing(policy) : policy,
    asIs: options.asIs ?? false,
    ...(options.at !== undefined && { at: Date.parse(timeOf(options.at, Date.now(), '--at')) }),
    ...(process.stderr.isTTY && { progress: (step: string) => void process.stderr.write(`… ${step}\n`) }),
  });
  return {
    text: options.json ? traces.map((trace) => JSON.stringify(published(trace))).join('\n') : shown(traces),
    failed: traces.some(({ outcome }) => outcome === 'FAILED'),
  };
}

const shown = (traces: readonly Trace[]): string =>
  [
    tableOf(traces, 'finding', ({ findingId }) => findingId ?? '-'),
    ...traces.map((trace) => `\n${story(trace)}`),
    `\n${counted(traces)}`,
  ].join('\n');

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  return readable(file, () => readFile(fromCaller(file), 'utf8'));
}

function policyOf({ policy }: SimulateOptions): SuturePolicy {
  if (policy === undefined) return everything(remediations);
  try {
    return readPolicy(fromCaller(policy), remediations);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.message);
    throw unreadable(policy, error);
  }
}

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(file, error);
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; name its files',
  EACCES: 'you may not read it',
};

const unreadable = (file: string, error: unknown) => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new UsageError(`${file} cannot be read: ${WHY[code] ?? message}.`);
};
