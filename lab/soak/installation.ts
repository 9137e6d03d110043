/** An organization of its own, with Suture deployed into it by a policy that the soak needs. */
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { limitInstances } from '../../sandbox/services/lambda/index.ts';
import { assembly } from '../../stacks/assembly.ts';
import { type Member, sampleContext, startOrganization } from '../organization/organization.ts';
import { changedAssembly } from '../simulate/assembly.ts';
import type { Soaked } from './soak-installation.ts';
import { watched } from './watch.ts';

export type Wanted = {
  readonly members: readonly Member[];
  /** As `policy.yaml` would say it. */
  readonly policy: object;
  readonly seed: number;
  /** Function instances at once; default 48. */
  readonly instances?: number;
};

/** Two instances of one function keep two processors busy; each further one is started and warmed up anew. */
const OF_ONE_FUNCTION = 2;

/** Deploys the synthesized templates, has them while `work` runs, and leaves nothing behind. */
export async function installed<T>(
  { members, policy, seed, instances = 48 }: Wanted,
  work: (soaked: Soaked) => Promise<T>,
): Promise<T> {
  const changed = await changedAssembly((await assembly()).directory, {
    policy: SuturePolicy.parse(policy),
    accounts: new Map(),
  });
  try {
    const context = await sampleContext();
    const sandbox = await startOrganization({ context, members, directory: changed.directory }, { seed });
    limitInstances(sandbox.kernel, instances, OF_ONE_FUNCTION);
    try {
      return await watched(sandbox.kernel, () => work({ sandbox, context }));
    } finally {
      await sandbox.close();
    }
  } finally {
    await changed.remove();
  }
}
