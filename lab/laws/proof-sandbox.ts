/**
 * The sandbox in which laws are proven: two member accounts, each with the member role of one remediation. Runs of the
 * engine can be killed at each step. Only the workflow around the engine is missing.
 */
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { createSandboxWith, type Sandbox } from '../../sandbox/create-sandbox.ts';
import { type ArrangedScenario, arrangeScenario } from './arranged-scenario.ts';
import { createMemberRole } from './member-role.ts';
import { FINDING_PLACE, OTHER_ACCOUNT_PLACE, PROOF_MANAGEMENT_ACCOUNT } from './places.ts';
import { ScenarioRun } from './scenario-run.ts';
import { servicesFor } from './services.ts';

export type ProofSandbox = {
  readonly sandbox: Sandbox;
  /** Empties the accounts, then makes the resources of this scenario. */
  arrange(scenario: string): Promise<ArrangedScenario>;
  /** Takes the sandbox back to the arranged scenario, without faults. */
  start(arranged: ArrangedScenario): ScenarioRun;
  close(): Promise<void>;
};

const ARRANGED_AT = Date.parse('2026-06-01T12:00:00Z');

export async function openProofSandbox(scenarios: Scenarios): Promise<ProofSandbox> {
  const accounts = [PROOF_MANAGEMENT_ACCOUNT, FINDING_PLACE.account, OTHER_ACCOUNT_PLACE.account];
  const sandbox = await createSandboxWith(await servicesFor(scenarios), {
    organization: {
      id: 'o-laws000001',
      managementAccount: PROOF_MANAGEMENT_ACCOUNT,
      accounts: accounts.map((id) => ({ id, name: `account ${id}` })),
    },
    homeRegion: FINDING_PLACE.region,
    staleReads: true,
    start: ARRANGED_AT,
  });
  for (const place of [FINDING_PLACE, OTHER_ACCOUNT_PLACE])
    await createMemberRole(sandbox, place, scenarios.remediation);
  const empty = sandbox.snapshot();
  return {
    sandbox,
    arrange(scenario) {
      sandbox.restore(empty);
      return arrangeScenario(sandbox, scenarios, scenario);
    },
    start(arranged) {
      sandbox.restore(arranged.world);
      sandbox.kernel.faults.length = 0;
      return new ScenarioRun(sandbox, arranged);
    },
    close: () => sandbox.close(),
  };
}
