import { expect, test } from 'vitest';
import { type Block, EVERYTHING } from '../../../../functions/remediations/s3/block.ts';
import { openWays, type Way } from '../../../../functions/remediations/s3/public-ways.ts';

const ALL: Way[] = ['policy', 'ACL', 'website'];
const but = (settings: Partial<Block>): Block => ({ ...EVERYTHING, ...settings });

test.each<[what: string, block: Block | undefined, open: Way[]]>([
  ['nothing is blocked', undefined, ALL],
  ['everything is blocked', EVERYTHING, []],
  ['only new ones are blocked', but({ IgnorePublicAcls: false, RestrictPublicBuckets: false }), ALL],
  ['policies work', but({ RestrictPublicBuckets: false }), ['policy', 'website']],
  ['ACLs work', but({ IgnorePublicAcls: false }), ['ACL', 'website']],
  ['new ones may be made, and have no effect', but({ BlockPublicAcls: false, BlockPublicPolicy: false }), []],
])('where %s, blocking would close what is open', (_, block, open) => {
  expect(openWays(ALL, block)).toEqual(open);
});
