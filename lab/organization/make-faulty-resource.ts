import type { FindingResource, Place } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { clientsOn } from './clients.ts';
import { scenarioContext } from './scenario-context.ts';

/**
 * Makes a resource faulty, with the permissions of the account's administrator.
 * @returns the resource's entry in a finding
 */
export async function makeFaultyResource(
  sandbox: Sandbox,
  scenarios: Scenarios,
  place: Place,
  control: string,
  name: string,
  scenario?: string,
): Promise<FindingResource> {
  const classes = scenarios.clients ?? scenarios.remediation.clients;
  const clients = clientsOn(sandbox.administrator(place.account, place.region), classes);
  const arrange = (scenario !== undefined && scenarios.scenarios[scenario]!.arrange) || scenarios.faulty;
  return arrange(clients as never, scenarioContext(sandbox, place, name, control));
}
