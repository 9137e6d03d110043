/** A scenario whose resource exists, beside neighbours that must stay as they are. */
import type { FindingResource, Place } from '../../functions/contract/remediation.ts';
import type { Scenario, Scenarios } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { clientsOn } from '../organization/clients.ts';
import { scenarioContext } from '../organization/scenario-context.ts';
import { FINDING_PLACE, OTHER_ACCOUNT_PLACE, OTHER_REGION_PLACE } from './places.ts';

export type ArrangedScenario = {
  readonly scenarios: Scenarios;
  readonly scenario: Scenario<any, any, any>;
  readonly control: string;
  readonly resource: FindingResource;
  readonly neighbours: readonly Neighbour[];
  /** The state of the sandbox before the remediation runs. */
  readonly world: Snapshot;
};

/** A resource that must stay as it is, whatever happens to the resource of the finding. */
export type Neighbour = {
  readonly what: string;
  readonly place: Place;
  readonly resource: FindingResource;
  readonly control: string;
};

/** Makes the resource of a scenario and its neighbours, as administrators of their accounts. */
export async function arrangeScenario(sandbox: Sandbox, scenarios: Scenarios, name: string): Promise<ArrangedScenario> {
  const { remediation, faulty } = scenarios;
  const scenario = scenarios.scenarios[name]!;
  const control = scenario.control ?? remediation.handles.controls[0]!;
  const arrange = (place: Place, resourceName: string, arrangement = faulty) =>
    arrangement(
      clientsOn(sandbox.administrator(place.account, place.region), scenarios.clients ?? remediation.clients) as never,
      scenarioContext(sandbox, place, resourceName, control),
    );
  const resource = await arrange(FINDING_PLACE, 'the-one', scenario.arrange);
  const neighbours: Neighbour[] = [];
  const addNeighbour = async (what: string, place: Place) => {
    const neighbour = await arrange(place, `neighbour-${neighbours.length}`);
    neighbours.push({ what, place, control, resource: neighbour });
  };
  const isAccountSetting = resource.Type === 'AwsAccount';
  if (!isAccountSetting) await addNeighbour('another resource of the account', FINDING_PLACE);
  if (!remediation.global) await addNeighbour('a resource of another Region', OTHER_REGION_PLACE);
  await addNeighbour('a resource of another account', OTHER_ACCOUNT_PLACE);
  return { scenarios, scenario, control, resource, neighbours, world: sandbox.snapshot() };
}
