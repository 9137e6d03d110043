/** The law that a remediation does the same in another account and Region. */
import type { ArrangedScenario } from './arranged-scenario.ts';
import { LawBroken } from './law.ts';
import { endsAsExpected, leavesNeighbours, planReads, rollsBack } from './outcome-laws.ts';
import { ELSEWHERE } from './places.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { showsAllChanges } from './shown-law.ts';

const PROVEN = [planReads, endsAsExpected, leavesNeighbours, showsAllChanges, rollsBack];

/** Proves the laws about an undisturbed run for the same scenario there. */
export async function doesTheSameElsewhere(proof: ProofSandbox, { name }: ArrangedScenario): Promise<void> {
  const arranged = await proof.arrange(name, ELSEWHERE);
  for (const prove of PROVEN)
    await prove(proof, arranged).catch((error) => {
      throw new LawBroken(`in ${ELSEWHERE.account} ${ELSEWHERE.region}: ${error.message}`, { cause: error });
    });
}
