/** Resources of the updater's targets, as its permissions name them. */
import { type IpRangesTarget, OWN_TAG, PREFIX_TAG } from '../../ip-ranges/contract/targets.ts';
import type { Allowance } from '../constructs/role.ts';

export type AccountPlace = { readonly partition: string; readonly account: string };
type Targets = readonly IpRangesTarget[];

export const namesOf = (targets: Targets): string[] => unique(targets.map(({ name }) => name));

export const regionsOf = (targets: Targets): string[] => unique(targets.map(({ region }) => region));

/** A resource of EC2 in every Region of these targets. */
export const inRegions = (targets: Targets, place: AccountPlace, resource: string): string[] =>
  regionsOf(targets).map((region) => arnOf(place, 'ec2', region, resource));

export const arnOf = (
  { partition, account }: AccountPlace,
  service: string,
  region: string,
  resource: string,
): string => `arn:${partition}:${service}:${region}:${account}:${resource}`;

export const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** Tags are given at creation and never changed. */
export const tagging = (on: readonly string[], creators: readonly string[]): Allowance => ({
  actions: ['ec2:CreateTags'],
  on,
  when: {
    StringEquals: { 'ec2:CreateAction': creators },
    'ForAllValues:StringEquals': { 'aws:TagKeys': [OWN_TAG, PREFIX_TAG, 'Name'] },
  },
  because: 'What is made has no id yet; nothing that exists can be tagged so',
});
