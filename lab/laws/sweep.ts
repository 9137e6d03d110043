/** Laws that repeat a run with a fault at each of its calls. */
import type { ArrangedScenario } from './arranged-scenario.ts';
import type { Law } from './law.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { undisturbedRun } from './undisturbed.ts';

const PROOFS = new WeakMap<ProofSandbox, Map<string, ReturnType<Law['prove']>>>();

/**
 * Proves a law once for each sequence of calls of the remediation. Scenarios share the outcome if they have the same
 * control and result, and the remediation makes the same calls in them, with the same errors and with inputs of the
 * same members. Cases of a shared outcome count once.
 */
export function oncePerSequence(law: Pick<Law, 'name' | 'prove'>): Law['prove'] {
  return async (proof: ProofSandbox, arranged: ArrangedScenario) => {
    const { sequence } = await undisturbedRun(proof, arranged);
    const known = PROOFS.get(proof) ?? new Map<string, ReturnType<Law['prove']>>();
    PROOFS.set(proof, known);
    const key = [law.name, arranged.scenario.expected, sequence].join('\n');
    const shared = known.get(key);
    const outcome = shared ?? law.prove(proof, arranged);
    known.set(key, outcome);
    const cases = (await outcome) ?? 1;
    return shared ? 0 : cases;
  };
}
