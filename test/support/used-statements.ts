/**
 * Vitest's setup of each test file: records which policy statements decided in the file's sandboxes. After the file's
 * tests they are written to the folder of the run, where `test/whole` reads them.
 */
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { SANDBOX_CLOSES } from '../../sandbox/kernel/closing.ts';
import type { IamDecision, Kernel } from '../../sandbox/kernel/kernel.ts';

export type UsedStatements = { readonly file: string; readonly statements: readonly string[] };

const STATEMENTS = new Set<string>();
const record = (kernel: unknown) => {
  for (const decision of (kernel as Kernel).decisions)
    for (const by of decision.by) STATEMENTS.add(statementKey(decision, by));
};

/** Names a resource's policy by the resource, and any other policy by its owner. */
const statementKey = ({ resource, role, principal }: IamDecision, by: string): string =>
  `${/^(trust|resource)#/.test(by) ? resource : (role ?? principal)} ${by}`;

beforeAll(() => subscribe(SANDBOX_CLOSES, record));
// Runs after the file's own afterAll hooks, which close its sandboxes.
afterAll(async () => {
  unsubscribe(SANDBOX_CLOSES, record);
  const used: UsedStatements = { file: expect.getState().testPath!, statements: [...STATEMENTS] };
  await writeFile(join(inject('run').folder, `${randomUUID()}.json`), JSON.stringify(used));
});
