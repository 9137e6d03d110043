/** What is faulty, and how it is made and found: each case of each remediation that ends in a fix. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { policyStore } from '../../../cli/clients/policy.ts';
import type { Scenario, Scenarios } from '../../../functions/contract/scenario.ts';
import type { SuturePolicy } from '../../../functions/domain/policy.ts';
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { scenarios as every } from '../../../functions/remediations/scenarios.generated.ts';
import { refill } from '../../../sandbox/kernel/throttle.ts';
import { type ControlFinding, controlFinding } from '../../organization/finding.ts';
import { makeFaulty } from '../../organization/seed.ts';
import { everything } from '../../simulate/policy.ts';
import type { Soaked } from '../soak-installation.ts';
import { type Reading, reading, type Watched } from '../state.ts';

/** A case, with an account that no other one has: what there is once in an account would be theirs both. */
export type Faulty = {
  readonly cases: Scenarios;
  readonly name: string;
  readonly case: Scenario<any, any, any>;
  readonly control: string;
  readonly account: string;
};

/** What was made of it, as it was then. */
export type Subject = {
  readonly watched: Watched;
  readonly before: Reading;
  /** Milliseconds since 1970: ages are counted from then. */
  readonly at: number;
};

export const FAULTY: readonly Faulty[] = every
  .flatMap((cases) => Object.entries(cases.scenarios).map(([name, each]) => ({ cases, name, case: each })))
  .filter(({ case: { expected } }) => expected === 'FIXED')
  .map((each, n) => ({
    ...each,
    control: each.case.control ?? each.cases.of.handles.controls[0]!,
    account: String(300_000_000_001 + n),
  }));

/** Milliseconds: a function keeps a policy for a minute. */
const POLICY_IS_FRESH = 61_000;

/** Deploys a policy with the parameters that the case needs; answers how to go back. Nothing is done for a case without. */
export async function withParams(
  soaked: Soaked,
  { control, case: { params } }: Faulty,
  work: () => Promise<void>,
): Promise<void> {
  if (!params) return work();
  const policy = everything(remediations);
  const mode = policy.controls[control] as 'auto' | 'approve';
  await deploy(soaked, { ...policy, controls: { ...policy.controls, [control]: { mode, params } } });
  await work();
  await deploy(soaked, policy);
}

async function deploy({ sandbox, context }: Soaked, policy: SuturePolicy): Promise<void> {
  const store = await policyStore(new AppConfigClient(sandbox.administrator(context.securityAccount)));
  await store.deploy(await store.add(policy, await store.latestVersion()), () => {});
  await sandbox.kernel.clock.advance(POLICY_IS_FRESH);
}

export async function made({ sandbox, context }: Soaked, faulty: Faulty, nth: number): Promise<Subject> {
  const { cases, name, control, account } = faulty;
  const place = { partition: context.partition, account, region: context.homeRegion };
  // What was faulty before meets no quota when it is made.
  refill(sandbox.kernel);
  const resource = await makeFaulty(sandbox, cases, place, control, `killed-${nth}`, name);
  const watched = { module: cases.of, place, control, resource, params: faulty.case.params };
  const at = sandbox.kernel.clock.now();
  return { watched, at, before: await reading(sandbox, watched, at) };
}

export const found = ({ sandbox }: Soaked, { watched }: Subject, name: string): ControlFinding =>
  controlFinding({
    control: watched.control,
    account: watched.place.account,
    region: watched.place.region,
    resource: watched.resource,
    name,
    at: new Date(sandbox.kernel.clock.now()),
  });
