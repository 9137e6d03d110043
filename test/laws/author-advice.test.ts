import { expect, it } from 'vitest';
import { retryAdvice, SutureError } from '../../functions/contract/errors.ts';
import { settingScenarios } from '../../functions/remediations/kit/setting-scenarios.ts';
import { dbInstances } from '../../functions/remediations/rds/fixtures.ts';
import keepInstanceBackups from '../../functions/remediations/rds/keep-instance-backups/index.ts';
import protectInstances from '../../functions/remediations/rds/protect-instances/index.ts';
import { authorMessage } from '../../lab/laws/author-advice.ts';
import { proveRemediation } from '../../lab/laws/prove.ts';
import { mutantOf } from './mutation.ts';

const PROTECTION = settingScenarios(protectInstances, dbInstances, {
  wrong: { DeletionProtection: false },
  right: { DeletionProtection: true },
});

async function brokenBecause(scenarios: Parameters<typeof proveRemediation>[0], law: string): Promise<string> {
  for await (const result of proveRemediation(scenarios))
    if (result.law === law && result.outcome === 'broken') return result.because ?? '';
  return 'it holds';
}

it('a change that does not show asks its author for the name in the request and the maintenance window', async () => {
  const mutant = mutantOf(PROTECTION, ['it is set otherwise'], { steps: () => ({ write: async () => {} }) });
  const because = await brokenBecause(mutant, 'ends-as-expected');
  expect(because).toMatch(/^it fails with ChangeNotVerified: The change was made, but 1800 s later the resource is /);
  expect(because).toContain(
    "send the attribute under the request's name? Does the change wait for the maintenance window",
  );
  expect(because).not.toMatch(/CloudTrail|suture replay/);
});

it('a rollback that does not show asks for the value from before', async () => {
  const mutant = mutantOf(PROTECTION, ['it is set otherwise'], {
    steps: (sound) => ({
      async write(context, from, to) {
        if (to.DeletionProtection) await sound.write(context, from, to);
      },
    }),
  });
  const because = await brokenBecause(mutant, 'rollback');
  expect(because).toContain('but the resource does not show it. Does `change` of the resource type');
  expect(because).not.toMatch(/suture replay/);
});

it('an error that the workflow retries has no advice to replay a finding', () => {
  const busy = new SutureError('ResourceBusy', `It is modifying. ${retryAdvice('ResourceBusy')}`);
  expect(authorMessage(busy)).toBe('It is modifying. The proof tried it again for an hour.');
});

it('a resource that is wrong where the scenario expects a right one points to its fixture', async () => {
  const scenarios = settingScenarios(protectInstances, dbInstances, {
    wrong: { DeletionProtection: true },
    right: { DeletionProtection: false },
  });
  const only = (name: string) => ({ ...scenarios, scenarios: { [name]: scenarios.scenarios[name]! } });
  const because = await brokenBecause(only('it is right already'), 'plan-reads');
  expect(because).toContain(
    "COMPLIANT\nThe resource is not right when the scenario begins. Perhaps the fixture's `create`",
  );
  expect(because).toContain('\nThe scenario comes from `right` in settingScenarios({ … }).');
  expect(await brokenBecause(only('it is set otherwise'), 'plan-reads')).toContain(
    "FIXED\nThe resource is right when the scenario begins. Perhaps the fixture's `create`",
  );
});

it('a pending change that is refused names whilePending', async () => {
  const scenarios = settingScenarios(keepInstanceBackups, dbInstances, {
    wrong: { BackupRetentionPeriod: 0 },
    right: { BackupRetentionPeriod: 7 },
  });
  const name = 'a change of its owner is pending';
  const because = await brokenBecause(
    { ...scenarios, scenarios: { [name]: scenarios.scenarios[name]! } },
    'plan-reads',
  );
  expect(because).toMatch(/expects FIXED\nThe scenario comes from .* say whilePending: 'REFUSED' in settingScenarios/);
});
