/** Makes the findings of a plan true: each resource once, under as many findings as name it. */
import type { FindingResource } from '../../functions/contract/remediation.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { refill } from '../../sandbox/kernel/throttle.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { makeFaulty } from '../organization/seed.ts';
import type { Planned } from './mix.ts';
import type { Soaked } from './soak-installation.ts';
import { type Reading, reading, type Watched } from './state.ts';

export type Made = {
  readonly planned: Planned;
  readonly finding: ControlFinding;
  readonly watched: Watched;
  /** The resource before anything happened. */
  readonly before: Reading;
  /** When it was read, in milliseconds since 1970: ages are counted from then. */
  readonly at: number;
};

export async function arrange({ sandbox, context }: Soaked, planned: readonly Planned[]): Promise<Made[]> {
  const { partition, homeRegion: region } = context;
  const resources = new Map<string, FindingResource>();
  for (const plan of planned) {
    const key = keyOf(plan);
    if (resources.has(key)) continue;
    const place = { partition, account: plan.account, region };
    // What was faulty before meets no quota when it is made.
    refill(sandbox.kernel);
    resources.set(
      key,
      await makeFaulty(sandbox, scenariosOf(plan.madeAs), place, plan.madeAs, `soaked-${plan.resource}`),
    );
  }
  // Only now, for some of these resources are one and the same.
  const made: Made[] = [];
  const at = sandbox.kernel.clock.now();
  for (const [n, plan] of planned.entries()) {
    const resource = resources.get(keyOf(plan))!;
    const handled = plan.kind === 'unhandled' ? plan.madeAs : plan.control;
    const place = { partition, account: plan.account, region };
    const watched = { module: scenariosOf(handled).of, place, control: handled, resource };
    const finding = findingOf(plan, n, resource, region, at);
    made.push({ planned: plan, finding, watched, before: await reading(sandbox, watched, at), at });
  }
  return made;
}

/** What there is once in an account is the same for every finding of its control. */
function keyOf({ madeAs, account, resource }: Planned): string {
  return ONCE.has(scenariosOf(madeAs).of.id) ? `${madeAs} ${account}` : String(resource);
}
const ONCE = new Set([
  'ec2/encrypt-ebs-by-default',
  'iam/strengthen-password-policy',
  's3/block-account-public-access',
]);

const OTHERS = ['300000000001', '300000000002'] as const;

function findingOf(
  { control, account, kind }: Planned,
  n: number,
  resource: FindingResource,
  region: string,
  at: number,
) {
  const finding = controlFinding({ control, account, region, resource, name: `soaked-${n}`, at: new Date(at) });
  if (kind !== 'forged') return finding;
  return { ...finding, Id: finding.Id.replace(account, account === OTHERS[0] ? OTHERS[1] : OTHERS[0]) };
}
