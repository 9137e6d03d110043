import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PROOF_FILE } from '../../stacks/packages/proof.ts';

const PROGRAM = fileURLToPath(new URL('../prove.ts', import.meta.url));
/** Editors write a file in several steps. */
const SETTLE_MS = 100;

/**
 * Proves a remediation now and after each change in the folder of its service. Each proof is its own process, because a
 * loaded module does not change. Never resolves.
 */
export async function proveOnChange(remediations: string, id: string, options: readonly string[]): Promise<never> {
  const [service] = id.split('/');
  let changed = Promise.withResolvers<void>();
  watch(join(remediations, service!), { recursive: true }, (_, file) => {
    if (!file?.endsWith(PROOF_FILE)) changed.resolve();
  });
  for (;;) {
    const proof = spawn(process.execPath, [PROGRAM, id, ...options], { stdio: 'inherit' });
    await changed.promise;
    changed = Promise.withResolvers();
    await stop(proof);
    await sleep(SETTLE_MS);
    console.log('');
  }
}

/** Stops a proof of the code before the change. */
async function stop(proof: ChildProcess): Promise<void> {
  if (proof.exitCode !== null || proof.signalCode !== null) return;
  const exit = new Promise((resolve) => proof.once('exit', resolve));
  proof.kill();
  await exit;
}
