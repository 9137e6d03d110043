/** Reads resources in member accounts with the permissions of their administrators. */

import { isEqual } from '../../functions/contract/is-equal.ts';
import { type FindingResource, isRefusal, type Place, type Remediation } from '../../functions/contract/remediation.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refillBuckets } from '../../sandbox/kernel/throttle.ts';
import { clientsOn } from '../organization/clients.ts';
import { ownTarget } from '../organization/own-target.ts';

export type ResourceRef = {
  readonly module: Remediation;
  readonly place: Place;
  readonly control: string;
  readonly resource: FindingResource;
  readonly params?: unknown;
};

export type ResourceState = {
  readonly state: unknown;
  /** Also true for a resource that no longer exists. */
  readonly isCompliant: boolean;
};

/** @param readAt the remediation computes ages at this time */
export async function readResourceState(
  sandbox: Sandbox,
  { module, place, control, resource, params }: ResourceRef,
  readAt: number,
): Promise<ResourceState> {
  const clients = clientsOn(sandbox.administrator(place.account, place.region), module.clients);
  const target = await ownTarget(module, place, resource, clients);
  if (!target) return { state: undefined, isCompliant: true };
  const context = {
    ...clients,
    ...place,
    target,
    params: module.params.parse(params ?? {}),
    control,
    now: new Date(readAt),
  } as never;
  refillBuckets(sandbox.kernel);
  const state = await module.read(context);
  if (state === undefined) return { state, isCompliant: true };
  const wanted = module.want(state, context);
  return { state, isCompliant: !isRefusal(wanted) && isEqual(state, wanted) };
}
