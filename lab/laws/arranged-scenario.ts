/** A scenario whose resource exists in the town. */
import type { FindingResource, Place } from '../../functions/contract/remediation.ts';
import type { Scenario, Scenarios } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { arrangeIn, type Neighbour } from './neighbours.ts';
import { dressResource } from './town/dress.ts';

export type ArrangedScenario = {
  readonly name: string;
  /** The account and Region of the finding. */
  readonly place: Place;
  readonly scenarios: Scenarios;
  readonly scenario: Scenario<any, any, any>;
  readonly control: string;
  readonly resource: FindingResource;
  readonly neighbours: readonly Neighbour[];
  /** The state of the sandbox before the remediation runs, and its time in milliseconds since 1970. */
  readonly world: Snapshot;
  readonly at: number;
};

/** Makes and dresses the resource of a scenario, as an administrator of the account. */
export async function arrangeScenario(
  sandbox: Sandbox,
  scenarios: Scenarios,
  name: string,
  place: Place,
  neighbours: readonly Neighbour[],
): Promise<ArrangedScenario> {
  const scenario = scenarios.scenarios[name]!;
  const control = scenarioControl(scenarios, scenario);
  const resource = await arrangeIn(sandbox, scenarios, control, place, 'the-one', scenario.arrange);
  await dressResource(sandbox, place, resource);
  const at = sandbox.kernel.clock.now();
  return { name, place, scenarios, scenario, control, resource, neighbours, world: sandbox.snapshot(), at };
}

export const scenarioControl = ({ remediation }: Scenarios, { control }: Scenario<any, any, any>): string =>
  control ?? remediation.handles.controls[0]!;
