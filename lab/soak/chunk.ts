/** One part of a soak: an organization of its own, findings and faults by chance, a replay, and the account of every event. */
import * as z from 'zod';
import { randomness } from '../../sandbox/kernel/random.ts';
import { skewClocks } from '../../sandbox/services/lambda/index.ts';
import { type Accounted, type Arrived, accountFor } from './account-for.ts';
import { arrange } from './arrange.ts';
import { clocks, plague } from './fault-plan.ts';
import { ENDS, mixOf } from './mix.ts';
import { mend } from './replay-failures.ts';
import { emit, operatorOf, type Soaked } from './soak-installation.ts';

export type Chunk = {
  readonly seed: number;
  /** Events, at least. */
  readonly events: number;
  readonly progress: (line: string) => void;
};

export const Part = z.object({
  seed: z.int(),
  received: z.int(),
  ends: z.record(z.enum(ENDS), z.int()),
  problems: z.array(z.string()).readonly(),
  /** Calls that met a fault, by its kind. */
  faults: z.record(z.string(), z.int()),
  /** Executions that were redriven or started anew when the faults were over. */
  replayed: z.int(),
});
export type ChunkReport = Accounted & Readonly<z.infer<typeof Part>>;

/** Rounds of looking for what got lost and replaying what failed; a second one finds what failed in the first. */
const ROUNDS = 3;

export async function soakChunk({ sandbox, context }: Soaked, { seed, events, progress }: Chunk): Promise<ChunkReport> {
  const { kernel } = sandbox;
  const planned = mixOf(seed, events);
  progress(`making the resources of ${planned.length} findings`);
  const made = await arrange({ sandbox, context }, planned);

  skewClocks(kernel, clocks(seed));
  const { rule, met } = plague(seed);
  kernel.faults.push(rule);
  const arrived = shuffled(
    made.flatMap((each) => Array.from({ length: each.planned.events }, () => each)),
    seed,
  ).map((each): Arrived => ({ ...each, event: emit({ sandbox, context }, each.finding) }));
  progress(`${arrived.length} events are on the bus`);
  await sandbox.settled();
  kernel.faults.splice(kernel.faults.indexOf(rule), 1);

  let replayed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ended = await mend({ sandbox, context });
    progress(`${ended} failed executions were replayed`);
    replayed += ended;
  }
  progress('comparing with what is in the accounts');
  return {
    seed,
    ...(await accountFor({ sandbox, context }, arrived, await operatorOf({ sandbox, context }))),
    faults: Object.fromEntries(met),
    replayed,
  };
}

function shuffled<T>(things: readonly T[], seed: number): T[] {
  const { random } = randomness(seed);
  return things
    .map((thing) => [random(), thing] as const)
    .sort(([a], [b]) => a - b)
    .map(([, thing]) => thing);
}
