import type { FindingResource } from '../../functions/contract/remediation.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { refillBuckets } from '../../sandbox/kernel/throttle.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { makeFaultyResource } from '../organization/make-faulty-resource.ts';
import type { FindingSpec } from './mix.ts';
import { type ResourceRef, type ResourceState, readResourceState } from './resource-state.ts';
import type { SoakInstallation } from './soak-installation.ts';

/** The resource exists, but Suture does not know the finding yet. */
export type PreparedFinding = {
  readonly spec: FindingSpec;
  readonly finding: ControlFinding;
  readonly ref: ResourceRef;
  readonly before: ResourceState;
  readonly preparedAt: number;
};

export type SentFinding = PreparedFinding & { readonly eventId: string };

/** Makes each resource once, however many findings are about it. Keeps the order of the specs. */
export async function makeFaultyResources(
  installation: SoakInstallation,
  specs: readonly FindingSpec[],
): Promise<PreparedFinding[]> {
  const { sandbox, context } = installation;
  const { partition, homeRegion: region } = context;
  const resources = await resourcesOf(installation, specs);
  // Reads the states after all resources exist, because some are the same account setting.
  const prepared: PreparedFinding[] = [];
  const preparedAt = sandbox.kernel.clock.now();
  for (const [n, spec] of specs.entries()) {
    const resource = resources.get(keyOf(spec))!;
    const control = spec.kind === 'unhandled' ? spec.scenarioControl : spec.control;
    const place = { partition, account: spec.account, region };
    const ref = { module: scenariosOf(control).remediation, place, control, resource };
    const before = await readResourceState(sandbox, ref, preparedAt);
    prepared.push({ spec, finding: findingOf(spec, n, resource, region, preparedAt), ref, before, preparedAt });
  }
  return prepared;
}

async function resourcesOf(
  { sandbox, context }: SoakInstallation,
  specs: readonly FindingSpec[],
): Promise<Map<string, FindingResource>> {
  const resources = new Map<string, FindingResource>();
  for (const spec of specs) {
    const key = keyOf(spec);
    if (resources.has(key)) continue;
    const { scenarioControl, account, resource } = spec;
    const place = { partition: context.partition, account, region: context.homeRegion };
    refillBuckets(sandbox.kernel);
    const scenarios = scenariosOf(scenarioControl);
    resources.set(key, await makeFaultyResource(sandbox, scenarios, place, scenarioControl, `soak-${resource}`));
  }
  return resources;
}

/** Findings of one resource have the same key; an account setting is one resource of its account. */
function keyOf({ scenarioControl, account, resource }: FindingSpec): string {
  const isAccountSetting = ACCOUNT_SETTINGS.has(scenariosOf(scenarioControl).remediation.id);
  return isAccountSetting ? `${scenarioControl} ${account}` : String(resource);
}
const ACCOUNT_SETTINGS: ReadonlySet<string> = new Set([
  'ec2/encrypt-ebs-by-default',
  'iam/strengthen-password-policy',
  's3/block-account-public-access',
]);

/** A forged finding's id names one of these accounts instead of its own. */
const FORGED_ACCOUNTS = ['300000000001', '300000000002'] as const;

function findingOf(
  { control, account, kind }: FindingSpec,
  n: number,
  resource: FindingResource,
  region: string,
  preparedAt: number,
): ControlFinding {
  const at = new Date(preparedAt);
  const finding = controlFinding({ control, account, region, resource, name: `soak-${n}`, at });
  if (kind !== 'forged') return finding;
  const other = account === FORGED_ACCOUNTS[0] ? FORGED_ACCOUNTS[1] : FORGED_ACCOUNTS[0];
  return { ...finding, Id: finding.Id.replace(account, other) };
}
