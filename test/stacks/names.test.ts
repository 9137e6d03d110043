import { expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from '../../lab/bench/dummies.ts';
import { executionRoleName, remediationFunctionName, rollbackFunctionName } from '../../stacks/names.ts';

it.each([...REMEDIATIONS, ...dummyRemediations(3)].map(({ id }) => id))('the names of %s fit IAM and Lambda', (id) => {
  expect(executionRoleName(id)).toMatch(/^suture-[a-z0-9-]{1,57}$/);
  expect(remediationFunctionName(id)).toMatch(/^suture-remediation-[a-z0-9-]{1,45}$/);
  expect(rollbackFunctionName(id).length).toBeLessThan(remediationFunctionName(id).length);
});

it('no two remediations share a name', () => {
  expect(new Set(REMEDIATIONS.map(({ id }) => remediationFunctionName(id))).size).toBe(REMEDIATIONS.length);
});
