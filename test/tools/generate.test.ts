import { expect, test } from 'vitest';
import { outdated } from '../../tools/generate.ts';

test('the generated pages say what the registry says (if not: npm run generate)', async () => {
  expect(await outdated()).toEqual([]);
});
