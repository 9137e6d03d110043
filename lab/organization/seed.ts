/** Puts a fault into a member account, by its remediation's own case. */

import type { Place, Resource } from '../../functions/contract/remediation.ts';
import type { Cases } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { clientsOn } from './clients.ts';
import { whereIn } from './where.ts';

/** The faulty resource of this control, or that of a named case, made as an administrator of the account would make it. */
export async function makeFaulty(
  sandbox: Sandbox,
  cases: Cases,
  place: Place,
  control: string,
  name: string,
  caseName?: string,
): Promise<Resource> {
  const clients = clientsOn(sandbox.administrator(place.account, place.region), cases.clients ?? cases.of.clients);
  const arrange = caseName === undefined ? cases.faulty : (cases.cases[caseName]!.arrange ?? cases.faulty);
  return arrange(clients as never, whereIn(sandbox, place, name, control));
}
