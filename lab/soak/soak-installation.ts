/** An installation of Suture in a sandbox, and what all soaks do with it. */

import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { type Operator, resolveOperator } from '../../cli/clients/operator.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/fault.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { addKnownFinding } from '../../sandbox/services/securityhub/simulation.ts';
import type { SutureContext } from '../../stacks/context.ts';

export type SoakInstallation = { readonly sandbox: Sandbox; readonly context: SutureContext };

/** Imports a finding into Security Hub, which sends an event about it. Returns the event's id. */
export function importFinding({ sandbox: { kernel }, context }: SoakInstallation, finding: object): string {
  const home = { partition: context.partition, account: context.securityAccount, region: context.homeRegion };
  addKnownFinding(kernel, finding as never);
  return emitServiceEvent(kernel, home, {
    source: 'aws.securityhub',
    'detail-type': 'Security Hub Findings - Imported',
    detail: { findings: [finding] },
  });
}

/** Returns an operator of the security account with new credentials and the sandbox's clock. */
export const operatorOf = (installation: SoakInstallation): Promise<Operator> =>
  resolveOperator(operatorEnvironment(installation));

/** Returns options with which an operator's command asks nothing and returns JSON. */
export const operatorOptions = (installation: SoakInstallation) =>
  ({ ...operatorEnvironment(installation), yes: true, json: true }) as const;

const operatorEnvironment = ({ sandbox, context }: SoakInstallation) => ({
  aws: sandbox.administrator(context.securityAccount),
  now: () => sandbox.kernel.clock.now(),
  sleep: (milliseconds: number) => sandbox.kernel.clock.sleep(milliseconds),
});

/** Deploys a policy. Function instances may use the one before for another minute. */
export async function activatePolicy({ sandbox, context }: SoakInstallation, policy: SuturePolicy): Promise<void> {
  const store = await policyStore(new AppConfigClient(sandbox.administrator(context.securityAccount)));
  await store.deploy(await store.add(policy, await store.latestVersion()), () => {});
}

/** Runs `work` under these fault rules. */
export async function withFaults<T>(
  { sandbox: { kernel } }: SoakInstallation,
  rules: readonly FaultRule[],
  work: () => Promise<T>,
): Promise<T> {
  kernel.faults.push(...rules);
  try {
    return await work();
  } finally {
    for (const rule of rules) kernel.faults.splice(kernel.faults.indexOf(rule), 1);
  }
}
