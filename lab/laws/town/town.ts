/**
 * The town: resources of every type of some services, in the account of the finding, in another Region and in another
 * account. They stand beside each scenario and must stay as they are.
 */
import { UsageError } from '../../../cli/errors/usage-error.ts';
import type { Place } from '../../../functions/contract/remediation.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import type { Service } from '../../../sandbox/kernel/kernel.ts';
import { stateName } from '../../../sandbox/kernel/state-key.ts';
import {
  FINDING_PLACE,
  OTHER_ACCOUNT_PLACE,
  OTHER_PLACE,
  OTHER_REGION_PLACE,
  PROOF_MANAGEMENT_ACCOUNT,
} from '../places.ts';
import { comparableOf } from '../world.ts';
import { BUILDERS } from './builders.ts';
import type { TownSite } from './site.ts';

/** Makes a resource of a remediation that calls the service. `name` is unique in the partition. */
export type MakeExample = (place: Place, name: string) => Promise<unknown>;

/**
 * A service without a builder gets examples of the remediation's own resource.
 * @throws UsageError naming a service without a builder, and the kinds of records that the examples do not have
 */
export async function buildTown(
  sandbox: Sandbox,
  services: readonly Service[],
  makeExample?: MakeExample,
  builders: typeof BUILDERS = BUILDERS,
): Promise<void> {
  for (const service of services) {
    const build = builders[service.name];
    for (const place of sitesOf(service)) {
      const site = siteAt(sandbox, service.name, place);
      if (build) await build(site);
      else await makeExample?.(place, site.name);
      if (!build) mustHaveEveryKind(sandbox, service, place);
    }
  }
}

export const hasBuilders = (services: readonly Service[]): boolean =>
  services.every(({ name }) => BUILDERS[name] !== undefined);

/** Returns the kinds of which the service has no record in a place. */
export const kindsWithoutRecords = (sandbox: Sandbox, service: Service, place: Place): string[] => {
  const state = comparableOf(service, sandbox.snapshot().get(stateName(service, place)) ?? service.state(place));
  return Object.entries(state as object).flatMap(([kind, records]) => (isEmpty(records) ? [kind] : []));
};

const isEmpty = (records: unknown): boolean =>
  records === undefined ||
  (records instanceof Map ? records.size === 0 : Array.isArray(records) && records.length === 0);

function mustHaveEveryKind(sandbox: Sandbox, service: Service, place: Place): void {
  const missing = kindsWithoutRecords(sandbox, service, place);
  if (missing.length === 0) return;
  throw new UsageError(
    `The town has no ${missing.join(' and no ')} of ${service.name}: the remediation's faulty resource does not bring them along. Add a builder to lab/laws/town/builders.ts that creates one of each type, as buildEfs does.`,
  );
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
