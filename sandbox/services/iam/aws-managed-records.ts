/**
 * AWS's managed policies as IAM shows them. Names and paths are AWS's. Ids, dates and the single version are made up from
 * the name, so that every operation shows the same ones. A document that is not modelled is refused when it is read.
 */
import { createHash } from 'node:crypto';
import { awsManagedPolicy } from '../../authorization/aws-managed.ts';
import type { IamPolicy } from '../../authorization/policy.ts';
import { entityNameOf, type ManagedPolicyRecord } from './state.ts';

/** AWS created its oldest managed policies at this time. The sandbox spreads the others over the seconds after it. */
const FIRST_CREATED_AT = Date.parse('2015-02-06T18:39:46Z');
const CREATED_WITHIN_SECONDS = 300_000_000;

export function awsManagedRecord(arn: string): ManagedPolicyRecord {
  const path = arn.slice(arn.indexOf(':policy/') + ':policy'.length, arn.lastIndexOf('/') + 1);
  const name = entityNameOf(arn);
  const hash = createHash('sha256')
    .update(path + name)
    .digest();
  const createdAt = new Date(FIRST_CREATED_AT + (hash.readUInt32BE(0) % CREATED_WITHIN_SECONDS) * 1000);
  const version = {
    id: 'v1',
    createdAt,
    /** @throws AwsError NotModelled */
    get document(): IamPolicy {
      return awsManagedPolicy(arn)!;
    },
    /** @throws AwsError NotModelled */
    get text(): string {
      return JSON.stringify(awsManagedPolicy(arn));
    },
  };
  return {
    name,
    path,
    arn,
    id: `ANPA${idFrom(hash)}`,
    createdAt,
    updatedAt: createdAt,
    tags: new Map(),
    versions: [version],
    defaultVersion: 'v1',
    nextVersion: 2,
  };
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const idFrom = (hash: Buffer): string => Array.from(hash.subarray(4, 21), (byte) => DIGITS[byte % 32]).join('');
