/** One chunk of a soak: random findings under random faults, a replay, and a reconciliation of every event. */

import * as z from 'zod';
import { countText } from '../../cli/output/count-text.ts';
import { randomness } from '../../sandbox/kernel/random.ts';
import { skewClocks } from '../../sandbox/runtime/pool.ts';
import { randomClockSkews, randomFaults } from './fault-plan.ts';
import { makeFaultyResources, type PreparedFinding, type SentFinding } from './make-faulty-resources.ts';
import { findingMix, SOAK_OUTCOMES } from './mix.ts';
import { reconcileOutcomes } from './reconcile-outcomes.ts';
import { replayFailures } from './replay-failures.ts';
import { importFinding, operatorOf, type SoakInstallation, withFaults } from './soak-installation.ts';

export type ChunkOptions = {
  readonly seed: number;
  readonly events: number;
  readonly progress: (line: string) => void;
};

export const ChunkReport = z.object({
  seed: z.int(),
  received: z.int(),
  outcomes: z.record(z.enum(SOAK_OUTCOMES), z.int()),
  problems: z.array(z.string()).readonly(),
  faults: z.record(z.string(), z.int()),
  replayed: z.int(),
});
export type ChunkReport = Readonly<z.infer<typeof ChunkReport>>;

const REPLAY_ROUNDS = 3;

export async function soakChunk(
  installation: SoakInstallation,
  { seed, events, progress }: ChunkOptions,
): Promise<ChunkReport> {
  const { sandbox } = installation;
  const specs = findingMix(seed, events);
  progress(`making the resources of ${countText(specs.length, 'finding')}`);
  const prepared = await makeFaultyResources(installation, specs);
  skewClocks(sandbox.kernel, randomClockSkews(seed));
  const { rule, counts } = randomFaults(seed);
  const sent = await withFaults(installation, [rule], async () => {
    const imported = importAll(installation, prepared, seed);
    progress(`${countText(imported.length, 'event is', 'events are')} on the bus`);
    await sandbox.settled();
    return imported;
  });
  const replayed = await replayRounds(installation, progress);
  progress('comparing each event with the ledger, Security Hub and the resources');
  const reconciliation = await reconcileOutcomes(installation, sent, await operatorOf(installation));
  return { seed, ...reconciliation, faults: Object.fromEntries(counts), replayed };
}

function importAll(installation: SoakInstallation, prepared: readonly PreparedFinding[], seed: number): SentFinding[] {
  const events = prepared.flatMap((each) => Array.from({ length: each.spec.events }, () => each));
  return shuffled(events, seed).map((each) => ({ ...each, eventId: importFinding(installation, each.finding) }));
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const { random } = randomness(seed);
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

async function replayRounds(installation: SoakInstallation, progress: ChunkOptions['progress']): Promise<number> {
  let replayed = 0;
  for (let round = 0; round < REPLAY_ROUNDS; round++) {
    const count = await replayFailures(installation);
    progress(`${countText(count, 'failed execution was', 'failed executions were')} replayed`);
    replayed += count;
  }
  return replayed;
}
