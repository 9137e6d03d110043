/**
 * The key that policy names for the log files of trails.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
import { DescribeKeyCommand, GetKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { namedIn } from '../kit/named-in-policy.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { parseResourcePolicy } from '../kit/resource-policy.ts';
import { allowsService } from '../kit/service-statements.ts';

/** An alias, which each account has in the Region of its trail, or the ARN of a key of any account. */
export const TrailKeyName = z
  .string()
  .regex(
    /^(alias\/[\w/-]{1,250}|arn:[\w{}-]+:kms:[\w{}-]+:[\w{}]+:key\/[0-9a-z-]{36})$/,
    'is neither alias/… nor the ARN of a key',
  );

export const NO_TRAIL_KEY =
  'policy names no key: set params.kmsKeyId to the ARN of a key, or to an alias such as alias/trails that each account has';

export const TRAIL_KEY_READS = {
  actions: ['kms:DescribeKey', 'kms:GetKeyPolicy'],
  resources: ['arn:{partition}:kms:{region}:{account}:key/*'],
  because: 'whether CloudTrail may use the key that policy names',
} as const;

type KeyContext = Place & { readonly kms: KMSClient };

/** Returns the ARN of the key that policy names in this place, or undefined if the account has no such alias. */
export async function trailKeyArn({ kms, ...place }: KeyContext, name: string): Promise<string | undefined> {
  if (!name.startsWith('alias/')) return namedIn(name, place);
  const found = await orUndefined(kms.send(new DescribeKeyCommand({ KeyId: name })), 'NotFoundException');
  return found?.KeyMetadata?.Arn;
}

/**
 * Returns a refusal that says why CloudTrail could not use the key for the trail. A key of another account cannot be
 * checked from here: CloudTrail itself checks it when the trail gets it.
 */
export async function keyObjection(context: KeyContext, KeyId: string, trail: string): Promise<Refusal | undefined> {
  if (KeyId.split(':')[4] !== context.account) return undefined;
  const because = await keyObstacle(context, KeyId, trail);
  return because === undefined ? undefined : refused(because);
}

async function keyObstacle({ kms, account }: KeyContext, KeyId: string, trail: string): Promise<string | undefined> {
  const found = await orUndefined(kms.send(new DescribeKeyCommand({ KeyId })), 'NotFoundException');
  const { KeyState, KeySpec } = found?.KeyMetadata ?? {};
  if (!found) return `the key ${KeyId} does not exist: create it, or name another in params.kmsKeyId`;
  if (KeyState !== 'Enabled') return `the key ${KeyId} is not enabled: its state is ${KeyState}`;
  if (KeySpec !== 'SYMMETRIC_DEFAULT') return `the key ${KeyId} is a ${KeySpec}: CloudTrail takes symmetric keys only`;
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
  const sent = {
    'aws:sourcearn': trail,
    'aws:sourceaccount': account,
    'kms:encryptioncontext:aws:cloudtrail:arn': trail,
  };
  const policy = parseResourcePolicy(Policy);
  return policy && allowsService(policy, 'cloudtrail.amazonaws.com', 'kms:GenerateDataKey', sent)
    ? undefined
    : `the policy of the key ${KeyId} does not let cloudtrail.amazonaws.com generate data keys for the trail ${trail}: add a statement for it`;
}
