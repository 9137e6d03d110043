import { expect, it } from 'vitest';
import { outdatedGeneratedFiles } from '../../tools/generate.ts';

it('finds no generated file that is out of date (to update them: npm run generate)', async () => {
  expect(await outdatedGeneratedFiles()).toEqual([]);
});
