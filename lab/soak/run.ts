/** A soak, part after part, each in an organization of its own. */
import { type ChunkReport, Part, soakChunk } from './chunk.ts';
import { installed } from './installation.ts';
import { ENDS, type End, POLICY, SOAKED } from './mix.ts';
import { doneIn, keep } from './progress.ts';

type Asked = {
  readonly seed: number;
  readonly findings: number;
  readonly chunk: number;
};
export type SoakOptions = Asked & {
  /** Where progress is kept. */
  readonly state: string;
  readonly progress: (line: string) => void;
};

export type SoakReport = Omit<ChunkReport, 'seed'> & { readonly seed: number; readonly chunks: number };

/** Goes on with the parts that the file does not have yet, and answers the sum of all. */
export async function soak({ state, progress, ...asked }: SoakOptions): Promise<SoakReport> {
  const done: ChunkReport[] = await doneIn(state, asked, Part);
  const chunks = Math.ceil(asked.findings / asked.chunk);
  if (done.length > 0) progress(`${done.length} of ${chunks} parts were done before`);
  while (done.length < chunks) {
    const n = done.length;
    const seed = asked.seed + n;
    const events = Math.min(asked.chunk, asked.findings - n * asked.chunk);
    const tell = (line: string) => progress(`part ${n + 1} of ${chunks}: ${line}`);
    tell('deploying the templates');
    done.push(
      await installed({ members: SOAKED, policy: POLICY, seed }, (soaked) =>
        soakChunk(soaked, { seed, events, progress: tell }),
      ),
    );
    await keep(state, asked, done);
  }
  return summed(asked.seed, done);
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
