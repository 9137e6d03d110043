import { randomUUID } from 'node:crypto';
import {
  isOpenStatus,
  type RolloutInstance,
  type StackSetClient,
  stackSetClient,
} from '../../cli/clients/stack-set.ts';
import { namesOf } from '../../functions/domain/names.ts';
import { NotYet, type Smoke, smokeName, waitFor } from '../smoke.ts';
import type { SmokeStep } from '../step.ts';

export const ROLLOUT_STEP: SmokeStep = {
  id: 'rollout',
  proves:
    'an update of the StackSet with its own template, limited to one account of its units, reaches that account alone and leaves the others as they are',
  calls: [
    'cloudformation:ListStackInstances, and cloudformation:ListStackSetOperations, in the account of the rollout',
    'cloudformation:UpdateStackSet with the template that it has, in the member account alone: changes nothing',
  ],
  creates: [],
  async run(smoke) {
    const stackSet = stackSetOf(smoke);
    if ((await stackSet.openOperations()).length > 0)
      throw new Error(
        'An operation of the StackSet is under way, so that nothing was tried. Run the step again later.',
      );
    const before = await stackSet.instances();
    const operation = await updateMember(smoke, stackSet);
    const status = await waitFor(smoke, 'the end of the update of the StackSet', 30, async () => {
      const found = await stackSet.status(operation);
      if (isOpenStatus(found)) throw new NotYet(`the operation is ${found}`);
      return found;
    });
    const results = await stackSet.results(operation);
    const reached = results.filter(({ account }) => account !== smoke.member).length;
    if (reached > 0) throw new Error(`The update reached ${reached} other accounts, which it must not.`);
    const [own] = results;
    if (!own) throw new Error(`The update did not reach ${smoke.member}.`);
    if (status !== 'SUCCEEDED' || own.status !== 'SUCCEEDED')
      throw new Error(`The update ended as ${status}: ${own.reason}`);
    if (statusesOf(before) !== statusesOf(await stackSet.instances()))
      throw new Error('The update changed the status of instances of other accounts.');
    return ['the update reached the member account alone', 'every instance has the status that it had'];
  },
};

function stackSetOf({ context, config }: Smoke): StackSetClient {
  const { rollout } = context;
  if (!rollout) throw new Error('cdk.json names no rollout, so that no StackSet can be examined.');
  const callAs = rollout.account === rollout.managementAccount ? 'SELF' : 'DELEGATED_ADMIN';
  const names = namesOf(context);
  const stack = names.stack('OrgRollout');
  return stackSetClient({ name: names.memberStackSet, stack, callAs, aws: config(rollout.account) });
}

async function updateMember(smoke: Smoke, stackSet: StackSetClient): Promise<string> {
  const operation = `${smokeName(smoke)}-${randomUUID()}`;
  const { description, regions, units } = await stackSet.state();
  const preferences = { FailureToleranceCount: 0, MaxConcurrentCount: 1 };
  await stackSet.begin({ operation, description, regions, units, accounts: [smoke.member], preferences });
  return operation;
}

const statusesOf = (instances: readonly RolloutInstance[]): string =>
  instances
    .map(({ account, status }) => `${account} ${status}`)
    .sort()
    .join();
