/** Makes the resources of findings faulty, each by its remediation's own case and under the finding's own id. */

import type { ScenarioContext } from '../../functions/contract/scenario.ts';
import type { JobFinding, JobWork } from '../../functions/domain/job.ts';
import { same } from '../../functions/domain/same.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refill } from '../../sandbox/kernel/throttle.ts';
import { clientsOn } from '../organization/clients.ts';
import { whereIn } from '../organization/where.ts';
import { type Creations, makingOnce } from './making-once.ts';

/** A finding that a remediation will be asked about. */
export type Claim = { readonly finding: JobFinding; readonly work: JobWork };

type Made = { readonly name: string; readonly creations: Creations; readonly faults: Set<string> };

/**
 * Faults of one sandbox. A resource that several findings name is made once, and later faults are added to it.
 * `make` answers why the fault could not be made, or undefined when it was.
 */
export function faultsIn(sandbox: Sandbox): { make(claim: Claim): Promise<string | undefined> } {
  const resources = new Map<string, Made>();
  return {
    async make({ finding, work }) {
      const known = resources.get(work.lease);
      const made = known ?? { name: nameFor(work.target, resources.size), creations: new Map(), faults: new Set() };
      resources.set(work.lease, made);
      if (made.faults.has(finding.control!)) return undefined;
      made.faults.add(finding.control!);
      for (const [prefix, id] of pinsOf(work.target)) sandbox.kernel.pinId(prefix, id);
      // What findings say has been so for long: making it uses up nobody's quota, and meets none.
      refill(sandbox.kernel);
      try {
        return await arrange(sandbox, { finding, work }, made);
      } catch (error) {
        return `the sandbox could not make the resource faulty: ${error instanceof Error ? error.message : error}`;
      } finally {
        sandbox.kernel.unpinIds?.();
      }
    },
  };
}

async function arrange(
  sandbox: Sandbox,
  { finding, work }: Claim,
  { name, creations }: Made,
): Promise<string | undefined> {
  const control = finding.control!;
  const cases = scenariosOf(control);
  const place = { partition: finding.partition!, account: finding.account!, region: finding.region! };
  const clients = clientsOn(sandbox.administrator(place.account, place.region), cases.clients ?? cases.of.clients);
  for (const client of Object.values(clients))
    client.middlewareStack.add(makingOnce(creations), { step: 'initialize', name: 'makingOnce' });
  const where = { ...whereIn(sandbox, place, name, control), target: work.target } satisfies ScenarioContext<unknown>;
  const resource = await cases.faulty(clients as never, where as never);
  const target = cases.of.target.safeParse(resource);
  if (target.success && same(target.data, work.target)) return undefined;
  return `the sandbox made ${resource.Id} faulty instead: it cannot make one under the finding's own id`;
}

/** What AWS makes up: `sg-0123…`, `AIDA…`, the id of a key. The next creation gets it, by the prefix that it asks with. */
const MADE_UP: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^[a-z]+-[0-9a-z]{8,32}$/, (id) => id.slice(0, id.indexOf('-') + 1)],
  [/^A[A-Z]{3}[A-Z0-9]{12,}$/, (id) => id.slice(0, 4)],
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, () => 'key/'],
];

const pinsOf = (target: JobWork['target']): [prefix: string, id: string][] =>
  Object.values(target).flatMap((id) =>
    MADE_UP.filter(([shape]) => shape.test(id)).map(([, prefix]) => [prefix(id), id] as [string, string]),
  );

/** The name that the resource's creator chose, where the target bears one; the last part of a path. */
function nameFor(target: JobWork['target'], n: number): string {
  const chosen = Object.values(target).filter((value) => !MADE_UP.some(([shape]) => shape.test(value)));
  return chosen.length === 1 ? chosen[0]!.slice(chosen[0]!.lastIndexOf('/') + 1) : `simulated-${n}`;
}
