import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assembly, isReusable } from '../../stacks/assembly.ts';

it('the stacks are synthesized once for the same inputs, also when two ask at once', async () => {
  const [first, second] = await Promise.all([assembly(), assembly()]);
  expect([first.reused, second.reused]).toContain(true);
  expect((await assembly()).reused).toBe(true);
  expect(existsSync(join(first.directory, 'manifest.json'))).toBe(true);
});

it('a synthesis that nobody has validated does not count as validated, one of other inputs never counts', () => {
  expect(isReusable('a', 'a', false)).toBe(true);
  expect(isReusable('a', 'a', true)).toBe(false);
  expect(isReusable('a validated', 'a', true)).toBe(true);
  expect(isReusable('a validated', 'a', false)).toBe(true);
  expect(isReusable('b validated', 'a', false)).toBe(false);
});
