import { ChunkReport, soakChunk } from './chunk.ts';
import { SOAK_MEMBERS, SOAK_OUTCOMES, SOAK_POLICY, type SoakOutcome } from './mix.ts';
import { readProgress, saveProgress } from './progress.ts';
import { withInstallation } from './with-installation.ts';

type FindingsParameters = {
  readonly seed: number;
  readonly findings: number;
  readonly chunk: number;
};
export type SoakOptions = FindingsParameters & {
  readonly state: string;
  readonly progress: (line: string) => void;
};

export type SoakReport = ChunkReport & { readonly chunks: number };

export async function runFindingsSoak({ state, progress, ...parameters }: SoakOptions): Promise<SoakReport> {
  const done: ChunkReport[] = await readProgress(state, parameters, ChunkReport);
  const chunks = Math.ceil(parameters.findings / parameters.chunk);
  if (done.length > 0) progress(`${done.length} of ${chunks} parts were done before`);
  while (done.length < chunks) {
    const n = done.length;
    const seed = parameters.seed + n;
    const events = Math.min(parameters.chunk, parameters.findings - n * parameters.chunk);
    const chunkProgress = (line: string) => progress(`part ${n + 1} of ${chunks}: ${line}`);
    chunkProgress('deploying the templates');
    done.push(
      await withInstallation({ members: SOAK_MEMBERS, policy: SOAK_POLICY, seed }, (installation) =>
        soakChunk(installation, { seed, events, progress: chunkProgress }),
      ),
    );
    await saveProgress(state, parameters, done);
  }
  return sumOfChunks(parameters.seed, done);
}

function sumOfChunks(seed: number, chunks: readonly ChunkReport[]): SoakReport {
  const sumBy = (count: (chunk: ChunkReport) => number) => chunks.reduce((sum, chunk) => sum + count(chunk), 0);
  const outcomes = SOAK_OUTCOMES.map((outcome) => [outcome, sumBy((chunk) => chunk.outcomes[outcome])]);
  const kinds = [...new Set(chunks.flatMap(({ faults }) => Object.keys(faults)))].sort();
  return {
    seed,
    chunks: chunks.length,
    received: sumBy(({ received }) => received),
    outcomes: Object.fromEntries(outcomes) as Record<SoakOutcome, number>,
    problems: chunks.flatMap((chunk) => chunk.problems.map((problem) => `seed ${chunk.seed}: ${problem}`)),
    faults: Object.fromEntries(kinds.map((kind) => [kind, sumBy(({ faults }) => faults[kind] ?? 0)])),
    replayed: sumBy(({ replayed }) => replayed),
  };
}
