/** S3 Block Public Access: the same four settings for a bucket and for an account. */
import * as z from 'zod';
import { orNone } from './or-undefined.ts';

export const Block = z.strictObject({
  BlockPublicAcls: z.boolean(),
  IgnorePublicAcls: z.boolean(),
  BlockPublicPolicy: z.boolean(),
  RestrictPublicBuckets: z.boolean(),
});
export type Block = z.infer<typeof Block>;

export const EVERYTHING: Block = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

type Answer = { readonly PublicAccessBlockConfiguration?: { readonly [K in keyof Block]?: boolean | undefined } };

/** The settings that S3 or S3 Control answers; undefined where none were ever made. What is left out is off. */
export async function blockIn(answer: Promise<Answer>): Promise<Block | undefined> {
  const { PublicAccessBlockConfiguration: found } =
    (await orNone(answer, 'NoSuchPublicAccessBlockConfiguration')) ?? {};
  return (
    found && {
      BlockPublicAcls: found.BlockPublicAcls ?? false,
      IgnorePublicAcls: found.IgnorePublicAcls ?? false,
      BlockPublicPolicy: found.BlockPublicPolicy ?? false,
      RestrictPublicBuckets: found.RestrictPublicBuckets ?? false,
    }
  );
}

/** What each setting means for what is there already; the other two are about what is made later. */
const ENDS: Readonly<Partial<Record<keyof Block, string>>> = {
  IgnorePublicAcls: 'public ACLs are ignored',
  RestrictPublicBuckets: 'public policies let in none but the account itself and AWS services',
};

/** For example `blocks public access: IgnorePublicAcls, BlockPublicPolicy; public ACLs are ignored`. */
export function changeInWords(from: Block | undefined, to: Block | undefined): string {
  const settings = Object.keys(EVERYTHING) as (keyof Block)[];
  const on = settings.filter((setting) => to?.[setting] && !from?.[setting]);
  if (on.length > 0)
    return [`blocks public access: ${on.join(', ')}`, ...on.flatMap((setting) => ENDS[setting] ?? [])].join('; ');
  const off = settings.filter((setting) => from?.[setting] && !to?.[setting]);
  return `public access is no longer blocked: ${off.join(', ')}`;
}
