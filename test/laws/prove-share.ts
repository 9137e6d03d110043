import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { SCENARIOS as ALL_SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import type { ArrangedScenario } from '../../lab/laws/arranged-scenario.ts';
import { LAWS } from '../../lab/laws/laws.ts';
import { allowedActions } from '../../lab/laws/member-role.ts';
import { permissionFaults } from '../../lab/laws/permission-law.ts';
import { openProofSandbox, type ProofSandbox } from '../../lab/laws/proof-sandbox.ts';
import { controlFaults, skipOf } from '../../lab/laws/prove.ts';

/** More files than workers share the remediations, so that no worker waits long for another. */
const SHARES = 4;

export function proveShare(share: number): void {
  const own = shares()[share]!.map((scenarios) => [scenarios.remediation.id, scenarios] as const);
  describe.each(own)('%s', (_, scenarios) => proveScenarios(scenarios));
}

/** Assigns the remediation with the most scenarios first, and each to the share that has the fewest so far. */
function shares(): Scenarios[][] {
  const assigned = Array.from({ length: SHARES }, () => ({ remediations: [] as Scenarios[], size: 0 }));
  const sizeOf = ({ scenarios }: Scenarios) => Object.keys(scenarios).length;
  for (const scenarios of ALL_SCENARIOS.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    const smallest = assigned.reduce((a, b) => (b.size < a.size ? b : a));
    smallest.remediations.push(scenarios);
    smallest.size += sizeOf(scenarios);
  }
  return assigned.map(({ remediations }) => remediations);
}

function proveScenarios(scenarios: Scenarios): void {
  let proof: ProofSandbox;
  beforeAll(async () => {
    proof = await openProofSandbox(scenarios);
  });
  afterAll(() => proof.close());

  describe.each(Object.entries(scenarios.scenarios))('%s', (name, scenario) => {
    let arranged: ArrangedScenario;
    beforeAll(async () => {
      arranged = await proof.arrange(name);
    });
    for (const law of LAWS)
      it.skipIf(skipOf(scenario, law))(`${law.name}: ${law.title}`, () => law.prove(proof, arranged));
  });

  it('declares the permissions that its scenarios use, as narrow as IAM allows', async () => {
    expect(await permissionFaults(scenarios.remediation, allowedActions(proof.sandbox))).toEqual([]);
  });

  it('fixes each of its controls in a scenario', () => {
    expect(controlFaults(scenarios)).toEqual([]);
  });
}
