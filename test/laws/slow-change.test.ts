/** The lab runs on the sandbox's clock, so that a change may take minutes. */
import { expect, it } from 'vitest';
import type { Remediation } from '../../functions/contract/remediation.ts';
import scenarios from '../../functions/remediations/kms/rotate-keys/scenarios.ts';
import { openProofSandbox } from '../../lab/laws/proof-sandbox.ts';

const MINUTE_MS = 60_000;
const NAME = 'rotation is off';

/** Applies while every read of the first `minutes` after a write still sees the old state. */
async function applySlowly(remediation: Remediation, minutes: number) {
  const proof = await openProofSandbox({ ...scenarios, remediation });
  try {
    const arranged = await proof.arrange(NAME);
    const run = proof.start(arranged);
    const { clock, faults } = proof.sandbox.kernel;
    let shownAt = 0;
    faults.push(({ isRead, service }) => {
      if (service !== 'kms') return undefined;
      if (!isRead) shownAt = clock.now() + minutes * MINUTE_MS;
      return isRead && clock.now() < shownAt ? { kind: 'stale' } : undefined;
    });
    const result = await run.applyUntilSettled();
    return { kind: result?.kind, minutes: (clock.now() - arranged.at) / MINUTE_MS };
  } finally {
    await proof.close();
  }
}

it('waits for a change that takes four minutes', async () => {
  const { kind, minutes } = await applySlowly({ ...scenarios.remediation, settleSeconds: 300 }, 4);
  expect(kind).toBe('fixed');
  expect(minutes).toBeGreaterThanOrEqual(4);
  // The pauses grow by half.
  expect(minutes).toBeLessThan(6);
});

it('fails if the change takes longer than the remediation allows', async () => {
  await expect(applySlowly(scenarios.remediation, 4)).rejects.toThrow(/The change was made, but 60 s later/);
});

it('begins each run at the time of the scenario', async () => {
  const proof = await openProofSandbox(scenarios);
  const arranged = await proof.arrange(NAME);
  proof.start(arranged);
  await proof.sandbox.kernel.clock.sleep(MINUTE_MS);
  expect(proof.sandbox.kernel.clock.now()).toBe(arranged.at + MINUTE_MS);
  proof.start(arranged);
  expect(proof.sandbox.kernel.clock.now()).toBe(arranged.at);
  await proof.close();
});
