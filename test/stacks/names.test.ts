import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from '../../lab/bench/dummies.ts';
import { executionRoleName, remediationFunctionName, rollbackFunctionName } from '../support/names.ts';

it.each([...REMEDIATIONS, ...dummyRemediations(3)].map(({ id }) => id))('the names of %s fit IAM and Lambda', (id) => {
  expect(executionRoleName(id)).toMatch(/^suture-[a-z0-9-]{1,57}$/);
  expect(remediationFunctionName(id)).toMatch(/^suture-remediation-[a-z0-9-]{1,45}$/);
  expect(rollbackFunctionName(id).length).toBeLessThan(remediationFunctionName(id).length);
});

it('no two remediations share a name', () => {
  expect(new Set(REMEDIATIONS.map(({ id }) => remediationFunctionName(id))).size).toBe(REMEDIATIONS.length);
});

const STACKS = ['Ledger', 'Service', 'Security', 'Journal', 'People', 'OrgRollout', 'MemberRole', 'RoleProtection'];

/** Help texts of commands apart, which the default prefix explains. */
it('every message names stacks with the prefix of the installation', () => {
  const files = globSync(['functions/**/*.ts', 'ip-ranges/**/*.ts', 'cli/**/*.ts']).filter(
    (path) => !path.startsWith('cli/commands/') && !path.includes('node_modules'),
  );
  expect(files.length).toBeGreaterThan(400);
  const literal = new RegExp(`\\bSuture(${STACKS.join('|')})\\b`);
  expect(files.filter((path) => literal.test(readFileSync(path, 'utf8')))).toEqual([]);
});
