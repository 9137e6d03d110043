import type { RecordPath } from '../kernel/comparison.ts';
import type { AwsPlace } from '../kernel/kernel.ts';
import { parseArn } from './arn.ts';

type Locate = (resource: string, state: unknown, place: AwsPlace) => readonly RecordPath[];

/**
 * Returns a `locate` for records in maps by their names. `maps` are the names of the maps by the beginning of
 * the ARN's resource: `{ 'table/': 'tables' }` finds `arn:…:table/orders` at `tables.orders`.
 */
export const locateByName =
  (maps: Readonly<Record<string, string>>): Locate =>
  (arn) =>
    locateIn(maps, arn, (name) => name);

/** As `locateByName`, for maps whose keys are ARNs. */
export const locateByArn =
  (maps: Readonly<Record<string, string>>): Locate =>
  (arn) =>
    locateIn(maps, arn, () => arn);

function locateIn(
  maps: Readonly<Record<string, string>>,
  arn: string,
  keyOf: (name: string) => string,
): readonly RecordPath[] {
  const { resource } = parseArn(arn);
  const prefix = Object.keys(maps).find((each) => resource.startsWith(each) && resource.length > each.length);
  return prefix === undefined ? [] : [[maps[prefix]!, keyOf(resource.slice(prefix.length))]];
}

/** Locates nothing: no resource of the service has an ARN of its own. */
export const locateNothing: Locate = () => [];
