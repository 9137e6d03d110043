/** A soak, part after part, each in an organization of its own. */
import { Policy } from '../../functions/contract/policy.ts';
import { assembly } from '../../tools/synth.ts';
import { sampleContext, startOrganization } from '../sandbox/organization.ts';
import { changedAssembly } from '../simulate/assembly.ts';
import { type ChunkReport, soakChunk } from './chunk.ts';
import { ENDS, type End, POLICY, SOAKED } from './mix.ts';
import { type Asked, doneIn, keep } from './progress.ts';

export type SoakOptions = Asked & {
  /** Where progress is kept. */
  readonly state: string;
  readonly progress: (line: string) => void;
};

export type SoakReport = Omit<ChunkReport, 'seed'> & { readonly seed: number; readonly chunks: number };

/** Goes on with the parts that the file does not have yet, and answers the sum of all. */
export async function soak({ state, progress, ...asked }: SoakOptions): Promise<SoakReport> {
  const done = await doneIn(state, asked);
  const chunks = Math.ceil(asked.findings / asked.chunk);
  if (done.length > 0) progress(`${done.length} of ${chunks} parts were done before`);
  const directory = await changedAssembly((await assembly()).directory, {
    policy: Policy.parse(POLICY),
    accounts: new Map(),
  });
  try {
    while (done.length < chunks) {
      const n = done.length;
      const events = Math.min(asked.chunk, asked.findings - n * asked.chunk);
      const tell = (line: string) => progress(`part ${n + 1} of ${chunks}: ${line}`);
      done.push(await part(directory.directory, asked.seed + n, events, tell));
      await keep(state, asked, done);
    }
  } finally {
    await directory.remove();
  }
  return summed(asked.seed, done);
}

async function part(directory: string, seed: number, events: number, progress: SoakOptions['progress']) {
  const context = await sampleContext();
  progress('deploying the templates');
  const sandbox = await startOrganization({ context, members: SOAKED, directory }, { seed });
  try {
    return await soakChunk({ sandbox, context }, { seed, events, progress });
  } finally {
    await sandbox.close();
  }
}

function summed(seed: number, done: readonly ChunkReport[]): SoakReport {
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  const kinds = [...new Set(done.flatMap(({ faults }) => Object.keys(faults)))].sort();
  return {
    seed,
    chunks: done.length,
    received: sum(done.map(({ received }) => received)),
    ends: Object.fromEntries(ENDS.map((end) => [end, sum(done.map(({ ends }) => ends[end]))])) as Record<End, number>,
    problems: done.flatMap((each) => each.problems.map((problem) => `seed ${each.seed}: ${problem}`)),
    faults: Object.fromEntries(kinds.map((kind) => [kind, sum(done.map(({ faults }) => faults[kind] ?? 0))])),
    replayed: sum(done.map(({ replayed }) => replayed)),
  };
}
