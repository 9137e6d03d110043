import { SuturePolicy } from '../../functions/domain/policy.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { type MemberAccount, startOrganization } from '../organization/organization.ts';
import { copyAssembly } from '../simulate/copy-assembly.ts';
import type { SoakInstallation } from './soak-installation.ts';
import { failOnStall } from './stall-detector.ts';

export type InstallationOptions = {
  readonly members: readonly MemberAccount[];
  readonly policy: object;
  readonly seed: number;
};

/** Deploys the synthesized templates with this policy into a new sandbox, and removes the sandbox after `work`. */
export async function withInstallation<T>(
  { members, policy, seed }: InstallationOptions,
  work: (installation: SoakInstallation) => Promise<T>,
): Promise<T> {
  const copy = await copyAssembly((await assembly()).directory, {
    policy: SuturePolicy.parse(policy),
    accounts: new Map(),
  });
  try {
    const context = await readCdkJsonContext();
    const sandbox = await startOrganization({ context, members, directory: copy.directory }, { seed });
    limitFunctionInstances(sandbox.kernel);
    try {
      return await failOnStall(sandbox.kernel, () => work({ sandbox, context }));
    } finally {
      await sandbox.close();
    }
  } finally {
    await copy.remove();
  }
}
