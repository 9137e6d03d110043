/**
 * The town: resources of every type of some services, in the account of the finding, in another Region and in another
 * account. They stand beside each scenario and must stay as they are.
 */
import { UsageError } from '../../../cli/errors/usage-error.ts';
import type { Place } from '../../../functions/contract/remediation.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import type { Service } from '../../../sandbox/kernel/kernel.ts';
import {
  FINDING_PLACE,
  OTHER_ACCOUNT_PLACE,
  OTHER_PLACE,
  OTHER_REGION_PLACE,
  PROOF_MANAGEMENT_ACCOUNT,
} from '../places.ts';
import { BUILDERS } from './builders.ts';
import type { TownSite } from './site.ts';

/** @throws UsageError naming a service for which the town has no builder */
export async function buildTown(sandbox: Sandbox, services: readonly Service[]): Promise<void> {
  for (const service of services) {
    const build = BUILDERS[service.name];
    if (!build)
      throw new UsageError(
        `The town has no resources of ${service.name}. Add a builder to lab/laws/town/builders.ts that creates one of each type.`,
      );
    for (const place of sitesOf(service)) await build(siteAt(sandbox, service.name, place));
  }
}

/**
 * Returns where the town has resources of a service. A service with one state per account has no other Region. Controls
 * look at every trail of an account, so the town's trail is in an account without findings.
 */
function sitesOf({ name, scope }: Service): readonly Place[] {
  if (name === 'cloudtrail') return [{ ...FINDING_PLACE, account: PROOF_MANAGEMENT_ACCOUNT }];
  return scope === 'account'
    ? [FINDING_PLACE, OTHER_ACCOUNT_PLACE]
    : [FINDING_PLACE, OTHER_REGION_PLACE, OTHER_ACCOUNT_PLACE, OTHER_PLACE];
}

export function siteAt({ kernel }: Sandbox, service: string, place: Place): TownSite {
  const callOther: TownSite['callOther'] = (name, operation, input = {}) =>
    kernel.call(kernel.administrator!(place.account), place, name, operation, input);
  return {
    ...place,
    name: `town-${place.account}-${place.region}`,
    call: (operation, input) => callOther(service, operation, input),
    callOther,
    minutesLater: (minutes) => kernel.clock.advance(minutes * 60_000),
  };
}
