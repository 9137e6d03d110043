import type { Scenario, Scenarios } from '../../../functions/contract/scenario.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { SCENARIOS as allScenarios } from '../../../functions/remediations/scenarios.generated.ts';
import { refillBuckets } from '../../../sandbox/kernel/throttle.ts';
import { type ControlFinding, controlFinding } from '../../organization/finding.ts';
import { makeFaultyResource } from '../../organization/make-faulty-resource.ts';
import { automaticPolicy } from '../../simulate/policy.ts';
import { type ResourceRef, type ResourceState, readResourceState } from '../resource-state.ts';
import { activatePolicy, type SoakInstallation } from '../soak-installation.ts';

/** A scenario in an account of its own, because scenarios of an account setting would share the setting. */
export type KillScenario = {
  readonly scenarios: Scenarios;
  readonly name: string;
  readonly scenario: Scenario<any, any, any>;
  readonly control: string;
  readonly account: string;
};

export type KillSubject = {
  readonly ref: ResourceRef;
  readonly before: ResourceState;
  readonly preparedAt: number;
};

export const KILL_SCENARIOS: readonly KillScenario[] = allScenarios
  .flatMap((scenarios) =>
    Object.entries(scenarios.scenarios).map(([name, scenario]) => ({ scenarios, name, scenario })),
  )
  .filter(({ scenario: { expected } }) => expected === 'FIXED')
  .map((each, n) => ({
    ...each,
    control: each.scenario.control ?? each.scenarios.remediation.handles.controls[0]!,
    account: String(300_000_000_001 + n),
  }));

/** Functions may use a policy for a minute after they read it. */
const POLICY_AGE_MS = 61_000;

/** Does the work under a policy with the scenario's parameters. */
export async function withScenarioParams(
  installation: SoakInstallation,
  { control, scenario: { params } }: KillScenario,
  work: () => Promise<void>,
): Promise<void> {
  if (!params) return work();
  const { clock } = installation.sandbox.kernel;
  const policy = automaticPolicy(REMEDIATIONS);
  const mode = policy.controls[control] as 'auto' | 'approve';
  await activatePolicy(installation, { ...policy, controls: { ...policy.controls, [control]: { mode, params } } });
  await clock.advance(POLICY_AGE_MS);
  await work();
  await activatePolicy(installation, policy);
  await clock.advance(POLICY_AGE_MS);
}

export async function prepareSubject(
  { sandbox, context }: SoakInstallation,
  { scenarios, name, scenario, control, account }: KillScenario,
  nth: number,
): Promise<KillSubject> {
  const place = { partition: context.partition, account, region: context.homeRegion };
  // Making the resource must not use up Suture's quotas or be throttled.
  refillBuckets(sandbox.kernel);
  const resource = await makeFaultyResource(sandbox, scenarios, place, control, `killed-${nth}`, name);
  const ref = { module: scenarios.remediation, place, control, resource, params: scenario.params };
  const preparedAt = sandbox.kernel.clock.now();
  return { ref, preparedAt, before: await readResourceState(sandbox, ref, preparedAt) };
}

export const findingAbout = ({ sandbox }: SoakInstallation, { ref }: KillSubject, name: string): ControlFinding =>
  controlFinding({
    control: ref.control,
    account: ref.place.account,
    region: ref.place.region,
    resource: ref.resource,
    name,
    at: new Date(sandbox.kernel.clock.now()),
  });
