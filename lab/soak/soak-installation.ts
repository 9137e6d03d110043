import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { type Operator, resolveOperator } from '../../cli/clients/operator.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/fault.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { addKnownFinding } from '../../sandbox/services/securityhub/simulation.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { approveAsSecondPerson } from '../organization/second-person.ts';

export type SoakInstallation = { readonly sandbox: Sandbox; readonly context: SutureContext };

export function importFinding({ sandbox: { kernel }, context }: SoakInstallation, finding: object): string {
  const home = { partition: context.partition, account: context.securityAccount, region: context.homeRegion };
  addKnownFinding(kernel, finding as never);
  return emitServiceEvent(kernel, home, {
    source: 'aws.securityhub',
    'detail-type': 'Security Hub Findings - Imported',
    detail: { findings: [finding] },
  });
}

export const operatorOf = (installation: SoakInstallation): Promise<Operator> =>
  resolveOperator(operatorEnvironment(installation));

export const operatorOptions = (installation: SoakInstallation) =>
  ({ ...operatorEnvironment(installation), yes: true, json: true }) as const;

const operatorEnvironment = ({ sandbox, context }: SoakInstallation) => ({
  aws: sandbox.administrator(context.securityAccount),
  now: () => sandbox.kernel.clock.now(),
  sleep: (milliseconds: number) => sandbox.kernel.clock.sleep(milliseconds),
});

/** Deploys the policy. Function instances may use the earlier one for another minute. */
export async function activatePolicy({ sandbox, context }: SoakInstallation, policy: SuturePolicy): Promise<void> {
  const store = await policyStore(new AppConfigClient(sandbox.administrator(context.securityAccount)));
  const reply = await store.deploy(await store.add(policy, await store.latestVersion()), () => {});
  if ('proposal' in reply) await approveAsSecondPerson({ sandbox, context }, reply.proposal);
}

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
