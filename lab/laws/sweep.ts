/** Laws that repeat a run with a fault at each of its calls. */
import type { ArrangedScenario } from './arranged-scenario.ts';
import type { Law } from './law.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { undisturbedRun } from './undisturbed.ts';

const PROOFS = new WeakMap<ProofSandbox, Map<string, Promise<void>>>();

/**
 * Proves a law once for each sequence of calls of the remediation: for scenarios with the same control and result, in
 * which it makes the same calls with the same errors and inputs of the same members. Others of them share the outcome.
 */
export function oncePerSequence(law: Pick<Law, 'name' | 'prove'>): Law['prove'] {
  return async (proof: ProofSandbox, arranged: ArrangedScenario) => {
    const { sequence } = await undisturbedRun(proof, arranged);
    const known = PROOFS.get(proof) ?? new Map<string, Promise<void>>();
    PROOFS.set(proof, known);
    const key = [law.name, arranged.scenario.expected, sequence].join('\n');
    const proven = known.get(key) ?? law.prove(proof, arranged);
    known.set(key, proven);
    return proven;
  };
}
