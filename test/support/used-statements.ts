/**
 * Before each test file: which statements of which policies decide in its sandboxes. When the file is through, they lie in
 * the folder of this run, for `test/whole` to read.
 */
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { SANDBOX_CLOSES } from '../../sandbox/kernel/closing.ts';
import type { IamDecision, Kernel } from '../../sandbox/kernel/kernel.ts';

/** What one test file leaves. */
export type Used = { readonly file: string; readonly statements: readonly string[] };

const statements = new Set<string>();
const note = (kernel: unknown) => {
  for (const decision of (kernel as Kernel).decisions) for (const by of decision.by) statements.add(used(decision, by));
};

/** A policy of a resource is known by the resource, any other by who has it. */
const used = ({ resource, role, principal }: IamDecision, by: string): string =>
  `${/^(trust|resource)#/.test(by) ? resource : (role ?? principal)} ${by}`;

beforeAll(() => subscribe(SANDBOX_CLOSES, note));
// Runs after the file's own, which close its sandboxes.
afterAll(async () => {
  unsubscribe(SANDBOX_CLOSES, note);
  const left: Used = { file: expect.getState().testPath!, statements: [...statements] };
  await writeFile(join(inject('run').folder, `${randomUUID()}.json`), JSON.stringify(left));
});
