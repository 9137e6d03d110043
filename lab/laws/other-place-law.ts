/** The law that a remediation does the same in another account and Region. */
import type { ArrangedScenario } from './arranged-scenario.ts';
import { LawBroken } from './law.ts';
import { endsAsExpected, leavesNeighbours, planReads, rollsBack } from './outcome-laws.ts';
import { OTHER_PLACE } from './places.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { showsAllChanges } from './shown-law.ts';

const LAWS_OF_A_RUN = [planReads, endsAsExpected, leavesNeighbours, showsAllChanges, rollsBack];

/** Proves the laws about an undisturbed run for the same scenario in OTHER_PLACE. */
export async function doesTheSameInOtherPlace(proof: ProofSandbox, { name }: ArrangedScenario): Promise<void> {
  const arranged = await proof.arrange(name, OTHER_PLACE);
  for (const prove of LAWS_OF_A_RUN)
    await prove(proof, arranged).catch((error) => {
      throw new LawBroken(`in ${OTHER_PLACE.account} ${OTHER_PLACE.region}: ${error.message}`, { cause: error });
    });
}
