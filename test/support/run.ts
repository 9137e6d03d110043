/** Around a whole run: a folder in which test files leave what they used. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `narrowed`: only tests of certain names run. */
    run: { readonly folder: string; readonly narrowed: boolean };
  }
}

export default async function setUp({ config, provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'suture-run-'));
  provide('run', { folder, narrowed: config.testNamePattern !== undefined });
  return () => rm(folder, { recursive: true, force: true });
}
