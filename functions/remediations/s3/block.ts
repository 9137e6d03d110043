/** S3 Block Public Access: the same four settings for a bucket and for an account. */
import * as z from 'zod';
import type { DeclaredChange } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { declaredChange, differingValues } from '../kit/owner-language.ts';

export const BlockSettings = z.strictObject({
  BlockPublicAcls: z.boolean(),
  IgnorePublicAcls: z.boolean(),
  BlockPublicPolicy: z.boolean(),
  RestrictPublicBuckets: z.boolean(),
});
export type BlockSettings = z.infer<typeof BlockSettings>;

export const BLOCK_EVERYTHING: BlockSettings = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

const SWITCH = { type: z.boolean(), default: false };
const setting = (name: keyof BlockSettings, terraform: string) => ({
  [name]: { ...SWITCH, cloudFormation: `PublicAccessBlockConfiguration.${name}`, terraform },
});

/** The block of a bucket in the language of its owner. */
export const BUCKET_BLOCK_WORDS = {
  cloudFormation: 'AWS::S3::Bucket',
  terraform: 'aws_s3_bucket_public_access_block',
  attributes: {
    ...setting('BlockPublicAcls', 'block_public_acls'),
    ...setting('IgnorePublicAcls', 'ignore_public_acls'),
    ...setting('BlockPublicPolicy', 'block_public_policy'),
    ...setting('RestrictPublicBuckets', 'restrict_public_buckets'),
  },
};

/** The block of an account, which CloudFormation does not have. */
export const ACCOUNT_BLOCK_WORDS = {
  ...BUCKET_BLOCK_WORDS,
  cloudFormation: null,
  terraform: 'aws_s3_account_public_access_block',
};

/** Returns what the owner of a bucket writes for the change. */
export const declaredBlock = (from: Partial<BlockSettings> = {}, to: Partial<BlockSettings> = {}): DeclaredChange =>
  declaredChange(BUCKET_BLOCK_WORDS, differingValues(from, to));

/** Returns what the owner of an account writes for the change. */
export const declaredAccountBlock = (
  from: Partial<BlockSettings> = {},
  to: Partial<BlockSettings> = {},
): DeclaredChange => declaredChange(ACCOUNT_BLOCK_WORDS, differingValues(from, to));

type BlockAnswer = {
  readonly PublicAccessBlockConfiguration?: { readonly [K in keyof BlockSettings]?: boolean | undefined };
};

/** Parses the answer of S3 or S3 Control. Returns undefined if nobody ever set the block. An absent setting is off. */
export async function parseBlock(answer: Promise<BlockAnswer>): Promise<BlockSettings | undefined> {
  const { PublicAccessBlockConfiguration: block } =
    (await orUndefined(answer, 'NoSuchPublicAccessBlockConfiguration')) ?? {};
  return (
    block && {
      BlockPublicAcls: block.BlockPublicAcls ?? false,
      IgnorePublicAcls: block.IgnorePublicAcls ?? false,
      BlockPublicPolicy: block.BlockPublicPolicy ?? false,
      RestrictPublicBuckets: block.RestrictPublicBuckets ?? false,
    }
  );
}

/** The effects of settings on existing ACLs and policies. The other two settings affect later ones. */
const EFFECTS: Readonly<Partial<Record<keyof BlockSettings, string>>> = {
  IgnorePublicAcls: 'public ACLs are ignored',
  RestrictPublicBuckets: 'public policies allow only the account itself and AWS services',
};

/** Returns for example `blocks public access: IgnorePublicAcls, BlockPublicPolicy; public ACLs are ignored`. */
export function blockChangeText(from: BlockSettings | undefined, to: BlockSettings | undefined): string {
  const settings = Object.keys(BLOCK_EVERYTHING) as (keyof BlockSettings)[];
  const on = settings.filter((setting) => to?.[setting] && !from?.[setting]);
  if (on.length > 0)
    return [`blocks public access: ${on.join(', ')}`, ...on.flatMap((setting) => EFFECTS[setting] ?? [])].join('; ');
  const off = settings.filter((setting) => from?.[setting] && !to?.[setting]);
  return `public access is no longer blocked: ${off.join(', ')}`;
}
