/** What really is in the accounts, asked as their administrators. */
import { type FindingResource, isRefusal, type Place, type Remediation } from '../../functions/contract/remediation.ts';
import { same } from '../../functions/domain/same.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refill } from '../../sandbox/kernel/throttle.ts';
import { clientsOn } from '../organization/clients.ts';

export type Watched = {
  readonly module: Remediation;
  readonly place: Place;
  readonly control: string;
  readonly resource: FindingResource;
  /** As policy gives them; absent: the module's own. */
  readonly params?: unknown;
};

export type Reading = {
  readonly state: unknown;
  /** As the control wants it, or gone. */
  readonly isRight: boolean;
};

/** Reads a resource as its remediation would, with an administrator's permissions. */
export async function reading(
  sandbox: Sandbox,
  { module, place, control, resource, params }: Watched,
  now: number,
): Promise<Reading> {
  const seen = {
    ...clientsOn(sandbox.administrator(place.account, place.region), module.clients),
    ...place,
    target: module.target.parse(resource),
    params: module.params.parse(params ?? {}),
    control,
    now: new Date(now),
  } as never;
  // Who looks from outside uses up nobody's quota, and meets none.
  refill(sandbox.kernel);
  const state = await module.read(seen);
  if (state === undefined) return { state, isRight: true };
  const wanted = module.want(state, seen);
  return { state, isRight: !isRefusal(wanted) && same(state, wanted) };
}
