/**
 * The sandbox in which laws are proven: a town, and two member accounts with the member role of one remediation. Runs of
 * the engine can be killed at each step. Only the workflow around the engine is missing.
 */

import type { Place } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { createSandboxWith, type Sandbox } from '../../sandbox/create-sandbox.ts';
import type { Service } from '../../sandbox/kernel/kernel.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { type ArrangedScenario, arrangeScenario, scenarioControl } from './arranged-scenario.ts';
import { createMemberRole } from './member-role.ts';
import { arrangeIn, makeNeighbours, type Neighbour } from './neighbours.ts';
import { FINDING_PLACE, OTHER_PLACE, PROOF_MANAGEMENT_ACCOUNT } from './places.ts';
import { type RunEnd, ScenarioRun } from './scenario-run.ts';
import { servicesFor, townServices } from './services.ts';
import { buildTown, hasBuilders } from './town/town.ts';

export type ProofSandbox = {
  readonly sandbox: Sandbox;
  /** Takes the sandbox back to the town, then makes the resource of this scenario. */
  arrange(scenario: string, place?: Place): Promise<ArrangedScenario>;
  /** Takes the sandbox back to the arranged scenario, without faults. */
  start(arranged: ArrangedScenario): ScenarioRun;
  /** Takes the sandbox to the end of an earlier run of this scenario, without faults. */
  goOn(arranged: ArrangedScenario, end: RunEnd): ScenarioRun;
  close(): Promise<void>;
};

const ARRANGED_AT = Date.parse('2026-06-01T12:00:00Z');

/** @param options.alone without a town, member roles and neighbours: enough for an administrator who only looks */
export async function openProofSandbox(
  scenarios: Scenarios,
  { alone = false }: { readonly alone?: boolean } = {},
): Promise<ProofSandbox> {
  const town = alone ? undefined : await townOf(scenarios);
  const sandbox = await openSandbox(await servicesFor(scenarios));
  const empty: InhabitedTown = { world: sandbox.snapshot(), neighbours: [] };
  const neighbourhood = town ? inhabitedTown(sandbox, scenarios, town) : async () => empty;
  const resetTo = (world: Snapshot, at: number) => {
    sandbox.restore(world);
    sandbox.kernel.clock.reset(at);
    sandbox.kernel.faults.length = 0;
    sandbox.kernel.answers.length = 0;
  };
  return {
    sandbox,
    async arrange(scenario, place = FINDING_PLACE) {
      const { world, neighbours } = await neighbourhood(scenarioControl(scenarios, scenarios.scenarios[scenario]!));
      resetTo(world, ARRANGED_AT);
      return arrangeScenario(sandbox, scenarios, scenario, place, neighbours);
    },
    start(arranged) {
      resetTo(arranged.world, arranged.at);
      return new ScenarioRun(sandbox, arranged);
    },
    goOn(arranged, end) {
      resetTo(end.world, end.at);
      return new ScenarioRun(sandbox, arranged, end.journal);
    },
    close: () => sandbox.close(),
  };
}

/** Ids in each sandbox come from another seed, so that none is in the town already. */
let nextSeed = 1;

const openSandbox = (services: readonly Service[]): Promise<Sandbox> =>
  createSandboxWith(services, {
    organization: {
      id: 'o-laws000001',
      managementAccount: PROOF_MANAGEMENT_ACCOUNT,
      accounts: [PROOF_MANAGEMENT_ACCOUNT, FINDING_PLACE.account, OTHER_PLACE.account].map((id) => ({
        id,
        name: `account ${id}`,
      })),
    },
    homeRegion: FINDING_PLACE.region,
    staleReads: true,
    start: ARRANGED_AT,
    seed: nextSeed++,
  });

const TOWNS = new Map<string, Promise<Snapshot>>();

/** Builds the town of the scenarios' services, once a process; with the remediation's examples, once a remediation. */
async function townOf(scenarios: Scenarios): Promise<Snapshot> {
  const services = await townServices(scenarios);
  const names = services.map(({ name }) => name);
  const key = (hasBuilders(services) ? names : [...names, scenarios.remediation.id]).join(' ');
  const town = TOWNS.get(key) ?? townWith(scenarios, services);
  TOWNS.set(key, town);
  return town;
}

async function townWith(scenarios: Scenarios, services: readonly Service[]): Promise<Snapshot> {
  const sandbox = await openSandbox(await servicesFor(scenarios));
  try {
    const control = scenarios.remediation.handles.controls[0]!;
    await buildTown(sandbox, services, (place, name) => arrangeIn(sandbox, scenarios, control, place, name));
    return sandbox.snapshot();
  } finally {
    await sandbox.close();
  }
}

type InhabitedTown = { readonly world: Snapshot; readonly neighbours: readonly Neighbour[] };

/** Returns a function that adds the member roles and the neighbours of a control to the town, once a control. */
function inhabitedTown(sandbox: Sandbox, scenarios: Scenarios, town: Snapshot) {
  const byControl = new Map<string, Promise<InhabitedTown>>();
  const inhabit = async (control: string): Promise<InhabitedTown> => {
    sandbox.restore(town);
    sandbox.kernel.clock.reset(ARRANGED_AT);
    for (const place of [FINDING_PLACE, OTHER_PLACE]) await createMemberRole(sandbox, place, scenarios.remediation);
    const neighbours = await makeNeighbours(sandbox, scenarios, control);
    return { world: sandbox.snapshot(), neighbours };
  };
  return (control: string): Promise<InhabitedTown> => {
    const known = byControl.get(control) ?? inhabit(control);
    byControl.set(control, known);
    return known;
  };
}
