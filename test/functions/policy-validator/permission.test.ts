import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../functions/domain/proposal.ts';
import { requirePermission } from '../../../functions/policy-validator/permission.ts';

const POLICY = new TextEncoder().encode('{"version":1,"controls":{}}');
const OTHER = new TextEncoder().encode('{"version":1,"controls":{"EC2.7":"auto"}}');
const check = (content: Uint8Array, permitted: Uint8Array | undefined, isInstalled: boolean) =>
  requirePermission(content, {
    grants: {
      current: async () => permitted && { version: 7, digest: digestOf(permitted), by: 'ada' },
    },
    isInstalled: async () => isInstalled,
  });

describe('a policy', () => {
  it('is deployed if none is live', async () => {
    await expect(check(POLICY, undefined, false)).resolves.toBeUndefined();
  });
  it('is deployed with the permission of the API for exactly its bytes', async () => {
    await expect(check(POLICY, POLICY, true)).resolves.toBeUndefined();
  });
  it.each([
    ['without permission', undefined, true, 'A policy is installed'],
    ['with the permission for another one', OTHER, true, 'it permits version 7'],
    ['with the permission for another one, where none is', OTHER, false, 'it permits version 7'],
  ])('is refused %s, with the command that deploys it', async (_, permitted, isInstalled, message) => {
    await expect(check(POLICY, permitted, isInstalled)).rejects.toThrow(message);
    await expect(check(POLICY, permitted, isInstalled)).rejects.toThrow('suture policy push policy.yaml');
  });
});
