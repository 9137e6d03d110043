/** An installation to soak, and what the soaks do with it. */

import { type Operator, operatorIn } from '../../cli/clients/operator.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/index.ts';
import { knowFinding } from '../../sandbox/services/securityhub/index.ts';
import type { SutureContext } from '../../stacks/context.ts';

export type Soaked = { readonly sandbox: Sandbox; readonly context: SutureContext };

/** Tells Security Hub and Suture of a finding; answers the event's id. */
export function emit({ sandbox: { kernel }, context }: Soaked, finding: object): string {
  const home = { partition: context.partition, account: context.securityAccount, region: context.homeRegion };
  knowFinding(kernel, finding as never);
  return emitServiceEvent(kernel, home, {
    source: 'aws.securityhub',
    'detail-type': 'Security Hub Findings - Imported',
    detail: { findings: [finding] },
  });
}

/** An operator of the security account, with credentials that are fresh, and in the sandbox's time. */
export const operatorOf = (soaked: Soaked): Promise<Operator> => operatorIn(surroundingsOf(soaked));

/** What an operator's command is given so that it asks nothing and tells everything. */
export const atTheDesk = (soaked: Soaked) => ({ ...surroundingsOf(soaked), yes: true, json: true }) as const;

const surroundingsOf = ({ sandbox, context }: Soaked) => ({
  aws: sandbox.administrator(context.securityAccount),
  now: () => sandbox.kernel.clock.now(),
  sleep: (milliseconds: number) => sandbox.kernel.clock.sleep(milliseconds),
});
