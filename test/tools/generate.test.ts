import { expect, it } from 'vitest';
import { outdated } from '../../tools/generate.ts';

it('finds no generated file that is out of date (to update them: npm run generate)', async () => {
  expect(await outdated()).toEqual([]);
});
