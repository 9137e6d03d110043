import type { InstallationId } from '../../functions/domain/names.ts';
import { type IpRangesTarget, ownTag, PREFIX_TAG, QUOTA_CODES } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';

export type AccountPlace = InstallationId & { readonly partition: string; readonly account: string };
type Targets = readonly IpRangesTarget[];

export const targetNames = (targets: Targets): string[] => unique(targets.map(({ name }) => name));

export const regionsOf = (targets: Targets): string[] => unique(targets.map(({ region }) => region));

export const inRegions = (targets: Targets, place: AccountPlace, resource: string): string[] =>
  regionsOf(targets).map((region) => arnOf(place, 'ec2', region, resource));

export const arnOf = (
  { partition, account }: AccountPlace,
  service: string,
  region: string,
  resource: string,
): string => `arn:${partition}:${service}:${region}:${account}:${resource}`;

export const quotas = (targets: Targets, place: AccountPlace): Allowance => ({
  actions: ['servicequotas:GetServiceQuota'],
  on: regionsOf(targets).flatMap((region) =>
    Object.values(QUOTA_CODES).map((code) => arnOf(place, 'servicequotas', region, `vpc/${code}`)),
  ),
});

export const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** Allows tags only at creation. */
export const tagging = (place: InstallationId, on: readonly string[], creators: readonly string[]): Allowance => ({
  actions: ['ec2:CreateTags'],
  on,
  when: {
    StringEquals: { 'ec2:CreateAction': creators },
    'ForAllValues:StringEquals': { 'aws:TagKeys': [ownTag(place), PREFIX_TAG, 'Name'] },
  },
  because: 'A resource that is created has no id yet; nothing that exists can be tagged so',
});
