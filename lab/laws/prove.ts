/** Proves the laws of one remediation, without a test runner. */
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { readPermissions } from '../../functions/domain/permissions.ts';
import { type ArrangedScenario, scenarioControl } from './arranged-scenario.ts';
import { authorMessage } from './author-advice.ts';
import { type Law, LawBroken, type LawGroup } from './law.ts';
import { LAWS } from './laws.ts';
import { allowedActions } from './member-role.ts';
import { permissionFaults } from './permission-law.ts';
import { openProofSandbox, type ProofSandbox } from './proof-sandbox.ts';

/** The result of one law in one scenario. Of laws about all scenarios, `scenario` is absent. */
export type LawResult = {
  readonly scenario?: string;
  readonly group: LawGroup | 'all scenarios';
  readonly law: string;
  readonly title: string;
  readonly outcome: 'kept' | 'skipped' | 'broken';
  /** Of a law that is kept: the situations in which it was proven. 0 if another scenario with the same calls has them. */
  readonly cases?: number;
  /** Why the scenario skips the law, or how the law is broken. */
  readonly because?: string;
};

/** Laws about all scenarios of a remediation together. They return what is wrong, one line each. */
const LAWS_OF_ALL_SCENARIOS: readonly {
  readonly law: string;
  readonly title: string;
  cases(remediation: Remediation): number;
  faults(scenarios: Scenarios, proof: ProofSandbox): string[] | Promise<string[]>;
}[] = [
  {
    law: 'permissions',
    title: 'each permission that it declares is used, and as narrow as IAM allows',
    cases: (remediation) => declaredActions(remediation).size,
    faults: ({ remediation }, { sandbox }) => permissionFaults(remediation, allowedActions(sandbox)),
  },
  {
    law: 'controls',
    title: 'each control that it closes is fixed in a scenario',
    cases: ({ handles }) => handles.controls.length,
    faults: controlFaults,
  },
];

const declaredActions = (remediation: Remediation): ReadonlySet<string> =>
  new Set(
    [...readPermissions(remediation), ...remediation.writes, ...(remediation.undoes ?? [])].flatMap(
      ({ actions }) => actions as readonly string[],
    ),
  );

/** Proves each law in each scenario, and yields each result at once. */
export async function* proveRemediation(scenarios: Scenarios): AsyncGenerator<LawResult> {
  const proof = await openProofSandbox(scenarios);
  try {
    for (const scenario of Object.keys(scenarios.scenarios)) yield* proveScenario(proof, scenario);
    for (const { law, title, cases, faults } of LAWS_OF_ALL_SCENARIOS) {
      const found = await faults(scenarios, proof);
      const result = { group: 'all scenarios', law, title } as const;
      if (found.length === 0) yield { ...result, outcome: 'kept', cases: cases(scenarios.remediation) };
      else yield { ...result, outcome: 'broken', because: found.join('\n') };
    }
  } finally {
    await proof.close();
  }
}

/**
 * Returns a fault for each control without a scenario that ends FIXED: a scenario of one control proves nothing of
 * another.
 */
export function controlFaults(scenarios: Scenarios): string[] {
  const fixed = Object.values(scenarios.scenarios)
    .filter(({ expected }) => expected === 'FIXED')
    .map((scenario) => scenarioControl(scenarios, scenario));
  return scenarios.remediation.handles.controls
    .filter((control) => !fixed.includes(control))
    .map((control) => `${control} has no scenario that ends FIXED: add one with control: '${control}'`);
}

async function* proveScenario(proof: ProofSandbox, scenario: string): AsyncGenerator<LawResult> {
  let arranged: ArrangedScenario;
  try {
    arranged = await proof.arrange(scenario);
  } catch (error) {
    const { name, group, title } = LAWS[0]!;
    const because = `The scenario cannot be arranged: ${failureText(error)}`;
    yield { scenario, law: name, group, title, outcome: 'broken', because };
    return;
  }
  for (const law of LAWS) yield { scenario, ...(await proveLaw(proof, arranged, law)) };
}

async function proveLaw(proof: ProofSandbox, arranged: ArrangedScenario, law: Law): Promise<LawResult> {
  const { name, group, title } = law;
  const skip = skipOf(arranged.scenario, law);
  if (skip) return { law: name, group, title, outcome: 'skipped', because: skip.because };
  try {
    const cases = (await law.prove(proof, arranged)) ?? 1;
    return { law: name, group, title, outcome: 'kept', cases };
  } catch (error) {
    return { law: name, group, title, outcome: 'broken', because: failureText(error) };
  }
}

/** Returns the scenario's reason to skip the law, if it has one. */
export const skipOf = ({ skips }: Pick<ArrangedScenario['scenario'], 'skips'>, law: Law) =>
  skips?.find((skip) => skip.law === law.name);

/** Errors other than a broken law come from the remediation or from AWS; their name tells which. */
function failureText(error: unknown): string {
  if (error instanceof LawBroken) return error.message;
  return error instanceof Error ? `it fails with ${error.name}: ${authorMessage(error)}` : `it fails with ${error}`;
}
