/** Makes each finding's resource faulty by its remediation's scenario, under the id that the finding names. */

import { isEqual } from '../../functions/contract/is-equal.ts';
import type { ScenarioContext } from '../../functions/contract/scenario.ts';
import type { JobFinding, JobWork } from '../../functions/domain/job.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refillBuckets } from '../../sandbox/kernel/throttle.ts';
import { clientsOn } from '../organization/clients.ts';
import { scenarioContext } from '../organization/scenario-context.ts';
import { type Creations, reuseCreations } from './reuse-creations.ts';

export type RemediableFinding = { readonly finding: JobFinding; readonly work: JobWork };

type FaultyResource = { readonly name: string; readonly creations: Creations; readonly controls: Set<string> };

/** Several findings may name one resource: it is created once, and each adds its fault. */
export class FaultyResources {
  readonly #sandbox: Sandbox;
  readonly #resources = new Map<string, FaultyResource>();

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  async add({ finding, work }: RemediableFinding): Promise<string | undefined> {
    const { kernel } = this.#sandbox;
    const resource = this.#resourceOf(work);
    if (resource.controls.has(finding.control!)) return undefined;
    resource.controls.add(finding.control!);
    for (const [prefix, id] of idsToPin(work.target)) kernel.pinId(prefix, id);
    // The resource has been faulty for long, so making it must not use up quotas or be throttled.
    refillBuckets(kernel);
    try {
      return await makeFaulty(this.#sandbox, { finding, work }, resource);
    } catch (error) {
      return `the sandbox could not make the resource faulty: ${error instanceof Error ? error.message : error}`;
    } finally {
      kernel.unpinIds?.();
    }
  }

  #resourceOf({ lease, target }: JobWork): FaultyResource {
    const known = this.#resources.get(lease);
    if (known) return known;
    const name = nameFor(target, this.#resources.size);
    const resource = { name, creations: new Map(), controls: new Set<string>() };
    this.#resources.set(lease, resource);
    return resource;
  }
}

async function makeFaulty(
  sandbox: Sandbox,
  { finding, work }: RemediableFinding,
  { name, creations }: FaultyResource,
): Promise<string | undefined> {
  const control = finding.control!;
  const scenarios = scenariosOf(control);
  const place = { partition: finding.partition!, account: finding.account!, region: finding.region! };
  const classes = scenarios.clients ?? scenarios.remediation.clients;
  const clients = clientsOn(sandbox.administrator(place.account, place.region), classes);
  for (const client of Object.values(clients))
    client.middlewareStack.add(reuseCreations(creations), { step: 'initialize', name: 'reuseCreations' });
  const context = scenarioContext(sandbox, place, name, control);
  const withTarget = { ...context, target: work.target } satisfies ScenarioContext<unknown>;
  const resource = await scenarios.faulty(clients as never, withTarget as never);
  const target = scenarios.remediation.target.safeParse(resource);
  if (target.success && isEqual(target.data, work.target)) return undefined;
  return `the sandbox made ${resource.Id} faulty instead: it cannot make one under the finding's own id`;
}

/**
 * Ids that AWS generates, with the prefix that identifies them to `kernel.pinId`: `sg-0123…`, `AIDA…`, a key's id. The
 * next creation with this prefix gets the pinned id.
 */
const GENERATED_IDS: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^[a-z]+-[0-9a-z]{8,32}$/, (id) => id.slice(0, id.indexOf('-') + 1)],
  [/^A[A-Z]{3}[A-Z0-9]{12,}$/, (id) => id.slice(0, 4)],
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, () => 'key/'],
];

const idsToPin = (target: JobWork['target']): [prefix: string, id: string][] =>
  Object.values(target).flatMap((id) =>
    GENERATED_IDS.filter(([shape]) => shape.test(id)).map(([, prefix]) => [prefix(id), id] as [string, string]),
  );

/** Returns the name that the resource's creator chose, if the target has exactly one; the last part of a path. */
function nameFor(target: JobWork['target'], n: number): string {
  const chosen = Object.values(target).filter((value) => !GENERATED_IDS.some(([shape]) => shape.test(value)));
  return chosen.length === 1 ? chosen[0]!.slice(chosen[0]!.lastIndexOf('/') + 1) : `simulated-${n}`;
}
