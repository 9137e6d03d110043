/** Resources with the same fault as the one of a finding. They must stay as they are. */
import type { FindingResource, Place } from '../../functions/contract/remediation.ts';
import type { Arrange, Scenarios } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import { clientsOn } from '../organization/clients.ts';
import { scenarioContext } from '../organization/scenario-context.ts';
import { FINDING_PLACE, OTHER_ACCOUNT_PLACE, OTHER_REGION_PLACE } from './places.ts';

export type Neighbour = {
  readonly what: string;
  readonly place: Place;
  readonly resource: FindingResource;
  readonly control: string;
};

/** Makes faulty resources beside the one of the finding: in its account, in another Region and in another account. */
export async function makeNeighbours(sandbox: Sandbox, scenarios: Scenarios, control: string): Promise<Neighbour[]> {
  const neighbours: Neighbour[] = [];
  const addNeighbour = async (what: string, place: Place) => {
    const resource = await arrangeIn(sandbox, scenarios, control, place, `neighbour-${neighbours.length}`);
    neighbours.push({ what, place, control, resource });
    return resource;
  };
  const { Type } = await addNeighbour('a resource of another account', OTHER_ACCOUNT_PLACE);
  if (!scenarios.remediation.global) await addNeighbour('a resource of another Region', OTHER_REGION_PLACE);
  if (Type !== 'AwsAccount') await addNeighbour('another resource of the account', FINDING_PLACE);
  return neighbours;
}

/** Makes one resource as an administrator of its account; by default a faulty one. */
export function arrangeIn(
  sandbox: Sandbox,
  scenarios: Scenarios,
  control: string,
  place: Place,
  name: string,
  arrange: Arrange<any, any> = scenarios.faulty,
): Promise<FindingResource> {
  const classes = scenarios.clients ?? scenarios.remediation.clients;
  const clients = clientsOn(sandbox.administrator(place.account, place.region), classes, {
    requestHandler: sandbox.inProcess,
  });
  return arrange(clients, scenarioContext(sandbox, place, name, control));
}
