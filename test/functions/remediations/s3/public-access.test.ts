import { expect, it } from 'vitest';
import { BLOCK_EVERYTHING, type BlockSettings } from '../../../../functions/remediations/s3/block.ts';
import { openPaths, type PublicAccessPath } from '../../../../functions/remediations/s3/public-access.ts';

const ALL: PublicAccessPath[] = ['policy', 'ACL', 'website'];
const but = (settings: Partial<BlockSettings>): BlockSettings => ({ ...BLOCK_EVERYTHING, ...settings });

it.each<[what: string, block: BlockSettings | undefined, open: PublicAccessPath[]]>([
  ['nothing is blocked', undefined, ALL],
  ['everything is blocked', BLOCK_EVERYTHING, []],
  ['only new ones are blocked', but({ IgnorePublicAcls: false, RestrictPublicBuckets: false }), ALL],
  ['policies work', but({ RestrictPublicBuckets: false }), ['policy', 'website']],
  ['ACLs work', but({ IgnorePublicAcls: false }), ['ACL', 'website']],
  ['new ones may be made, and have no effect', but({ BlockPublicAcls: false, BlockPublicPolicy: false }), []],
])('if %s, returns the kinds of access that blocking would close', (_, block, open) => {
  expect(openPaths(ALL, block)).toEqual(open);
});
