/** Mutants of real remediations: each declares what it needs, and breaks a law. */
import { expect, it } from 'vitest';
import type { Permission, Remediation } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { type LawResult, proveRemediation } from '../../lab/laws/prove.ts';

export const mutantPermission = (resource: string, ...actions: string[]): Permission =>
  ({ actions, resources: [resource], because: 'a mutant' }) as Permission;

type Steps = Partial<
  Pick<Remediation, 'read' | 'want' | 'write' | 'tags' | 'objection' | 'targets' | 'summary' | 'shown'>
>;
type Mutation = {
  readonly reads?: readonly Permission[];
  readonly writes?: readonly Permission[];
  readonly clients?: Remediation['clients'];
  readonly state?: Remediation['state'];
  readonly steps: (sound: Remediation) => Steps;
};

/** @param names the scenarios that are proven */
export function mutantOf(
  scenarios: Scenarios,
  names: readonly string[],
  { reads = [], writes = [], clients, state, steps }: Mutation,
) {
  const sound = scenarios.remediation;
  const remediation: Remediation = {
    ...sound,
    reads: [...sound.reads, ...reads],
    writes: [...sound.writes, ...writes],
    clients: { ...sound.clients, ...clients },
    state: state ?? sound.state,
    ...steps(sound),
  };
  return {
    ...scenarios,
    remediation,
    ...(clients && { clients: { ...sound.clients, ...scenarios.clients, ...clients } }),
    scenarios: Object.fromEntries(names.map((name) => [name, scenarios.scenarios[name]!])),
  } as Scenarios;
}

type Write = (context: any, from: any, to: any) => Promise<unknown>;
export const alsoWrites =
  (more: Write) =>
  (sound: Remediation): Steps => ({
    async write(context, from, to) {
      await sound.write(context, from, to);
      await more(context, from, to);
    },
  });

export type Mutant = {
  readonly how: string;
  readonly of: readonly [scenarios: Scenarios, ...names: string[]];
  readonly mutation: Mutation;
  /** The law that finds it, and its message. */
  readonly law: string;
  readonly finds: RegExp;
};

export async function brokenLaws(scenarios: Scenarios): Promise<LawResult[]> {
  const broken: LawResult[] = [];
  for await (const result of proveRemediation(scenarios)) if (result.outcome === 'broken') broken.push(result);
  return broken;
}

/** Declares a test for each mutant: the law must find it, with this message. */
export function expectFound(mutants: readonly Mutant[]): void {
  it.each(mutants.map((mutant) => [mutant.how, mutant] as const))(
    'is found if it %s',
    async (_, { of: [scenarios, ...names], mutation, law, finds }) => {
      const broken = await brokenLaws(mutantOf(scenarios, names, mutation));
      const found = broken.filter((each) => each.law === law);
      expect(found.map(({ because }) => because).join('\n'), JSON.stringify(broken, null, 2)).toMatch(finds);
    },
  );
}
