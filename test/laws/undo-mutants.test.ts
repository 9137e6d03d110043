/** Mutants of a remediation with a separate rollback function. */
import { DisableKeyRotationCommand } from '@aws-sdk/client-kms';
import { expect, it } from 'vitest';
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import rotateKeys from '../../functions/remediations/kms/rotate-keys/scenarios.ts';
import { alsoWrites, brokenLaws } from './mutation.ts';

const sound: Remediation = rotateKeys.remediation;
const NAMES = Object.keys(rotateKeys.scenarios).filter((name) => rotateKeys.scenarios[name]!.expected === 'FIXED');

const broken = async (change: Partial<Remediation>) => {
  const scenarios = { ...rotateKeys, remediation: { ...sound, ...change } } as Scenarios;
  const [name] = NAMES;
  return brokenLaws({ ...scenarios, scenarios: { [name!]: scenarios.scenarios[name!]! } });
};

it('the law of permissions finds an undo that is declared among the writes', async () => {
  const found = await broken({ writes: [...sound.writes, ...sound.undoes!], undoes: undefined });
  const because = 'kms:DisableKeyRotation is declared among the writes, but only rollbacks use it: move it to undoes';
  expect(found).toMatchObject([{ law: 'permissions', because: expect.stringContaining(because) }]);
});

it('IAM denies a fix the actions that only its undo declares', async () => {
  const undo = alsoWrites(({ kms, target }) => kms.send(new DisableKeyRotationCommand({ KeyId: target.keyId })));
  const found = await broken(undo(sound));
  expect(found).toContainEqual(
    expect.objectContaining({
      law: 'ends-as-expected',
      because: expect.stringMatching(/AccessDenied.* kms:DisableKeyRotation/),
    }),
  );
});
