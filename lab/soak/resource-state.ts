/** The state of resources in member accounts, read with the permissions of their administrators. */
import { type FindingResource, isRefusal, type Place, type Remediation } from '../../functions/contract/remediation.ts';
import { same } from '../../functions/contract/same.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refill } from '../../sandbox/kernel/throttle.ts';
import { clientsOn } from '../organization/clients.ts';

/** A resource, with the control and the remediation that it is read for. */
export type ResourceRef = {
  readonly module: Remediation;
  readonly place: Place;
  readonly control: string;
  readonly resource: FindingResource;
  /** Parameters as in the policy; default: the remediation's. */
  readonly params?: unknown;
};

export type ResourceState = {
  readonly state: unknown;
  /** True also for a resource that no longer exists. */
  readonly isCompliant: boolean;
};

/** @param readAt the remediation's current time in milliseconds since 1970, by which it computes ages */
export async function readResourceState(
  sandbox: Sandbox,
  { module, place, control, resource, params }: ResourceRef,
  readAt: number,
): Promise<ResourceState> {
  const context = {
    ...clientsOn(sandbox.administrator(place.account, place.region), module.clients),
    ...place,
    target: module.target.parse(resource),
    params: module.params.parse(params ?? {}),
    control,
    now: new Date(readAt),
  } as never;
  // These reads must not use up Suture's quotas or be throttled.
  refill(sandbox.kernel);
  const state = await module.read(context);
  if (state === undefined) return { state, isCompliant: true };
  const wanted = module.want(state, context);
  return { state, isCompliant: !isRefusal(wanted) && same(state, wanted) };
}
