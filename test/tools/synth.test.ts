import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assembly } from '../../stacks/assembly.ts';

it('the stacks are synthesized once for the same inputs, also when two ask at once', async () => {
  const [first, second] = await Promise.all([assembly(), assembly()]);
  expect([first.reused, second.reused]).toContain(true);
  expect((await assembly()).reused).toBe(true);
  expect(existsSync(join(first.directory, 'manifest.json'))).toBe(true);
});
