/** Names in policy that stand for one resource in each account and Region: `logs-{account}-{region}`. */
import * as z from 'zod';
import type { Place } from '../../contract/remediation.ts';

/** Returns the name in this place. */
export const namedIn = (named: string, { partition, account, region }: Place): string =>
  named.replaceAll('{partition}', partition).replaceAll('{account}', account).replaceAll('{region}', region);

/** The name of a bucket, such as `logs-{account}-{region}`. */
export const NamedBucket = z.string().regex(/^[a-z0-9.{}-]{3,80}$/);
