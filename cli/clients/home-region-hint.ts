import type { Names } from '../../functions/domain/names.ts';
import { Unreachable } from '../errors/unreachable.ts';
import { installedNames } from './installed-names.ts';

type StackName = Parameters<Names['stack']>[0];

/** Returns the advice for a resource of the installation that the account or the Region does not have. */
export const homeRegionHint = (stack: StackName): string =>
  `Use credentials of the security account and its home Region, where ${installedNames().stack(stack)} is deployed.`;

/** @param resource such as `table suture-ledger`, which the stack has */
export const missingResource = (resource: string, region: string, stack: StackName): Unreachable =>
  new Unreachable(`There is no ${resource} in ${region}. ${homeRegionHint(stack)}`);
