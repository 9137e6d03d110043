/** Vitest's global setup: creates a folder in which each test file records the policy statements that it used. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `narrowed`: the run is filtered by test names. */
    run: { readonly folder: string; readonly narrowed: boolean };
  }
}

export default async function setUp({ config, provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'suture-run-'));
  provide('run', { folder, narrowed: config.testNamePattern !== undefined });
  return () => rm(folder, { recursive: true, force: true });
}
