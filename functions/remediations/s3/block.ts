/** S3 Block Public Access: the same four settings for a bucket and for an account. */
import * as z from 'zod';
import { orUndefined } from '../kit/or-undefined.ts';

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

/** For example `blocks public access: IgnorePublicAcls, BlockPublicPolicy; public ACLs are ignored`. */
export function blockChangeText(from: BlockSettings | undefined, to: BlockSettings | undefined): string {
  const settings = Object.keys(BLOCK_EVERYTHING) as (keyof BlockSettings)[];
  const on = settings.filter((setting) => to?.[setting] && !from?.[setting]);
  if (on.length > 0)
    return [`blocks public access: ${on.join(', ')}`, ...on.flatMap((setting) => EFFECTS[setting] ?? [])].join('; ');
  const off = settings.filter((setting) => from?.[setting] && !to?.[setting]);
  return `public access is no longer blocked: ${off.join(', ')}`;
}
