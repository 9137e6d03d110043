/** Puts a fault into a member account, by its remediation's own case. */

import type { FindingResource, Place } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { clientsOn } from './clients.ts';
import { whereIn } from './where.ts';

/** The faulty resource of this control, or that of a named case, made as an administrator of the account would make it. */
export async function makeFaulty(
  sandbox: Sandbox,
  cases: Scenarios,
  place: Place,
  control: string,
  name: string,
  caseName?: string,
): Promise<FindingResource> {
  const clients = clientsOn(sandbox.administrator(place.account, place.region), cases.clients ?? cases.of.clients);
  const arrange = caseName === undefined ? cases.faulty : (cases.scenarios[caseName]!.arrange ?? cases.faulty);
  return arrange(clients as never, whereIn(sandbox, place, name, control));
}
