/** Prepares a rollout: finds the template, the StackSet, the caller's account and the organization. */
import { setTimeout } from 'node:timers/promises';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { listAccounts } from '../../functions/aws/organization.ts';
import { type Names, namesOf } from '../../functions/domain/names.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { callerOf } from '../clients/caller.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { stackSetClient } from '../clients/stack-set.ts';
import { Failure } from '../errors/failure.ts';
import { Unreachable } from '../errors/unreachable.ts';
import { fromCaller } from '../options/from-caller.ts';
import type { RolloutOptions } from './options.ts';
import { planRollout, type RolloutPlan } from './plan.ts';
import { operationPrefixOf, type RolloutRun, type UnitUpdates } from './run.ts';
import { isSameTemplate, readRolloutTemplate } from './template.ts';

/** Organizations throttles above eight calls of an operation in a second. */
const LISTING_PAUSE_MS = 125;

export type PreparedRollout = {
  /** The name of the StackSet. */
  readonly name: string;
  /** The stack that deploys it. */
  readonly stack: string;
  readonly run: RolloutRun;
  /** Reads the organization and the instances. */
  readonly plan: () => Promise<RolloutPlan & UnitUpdates>;
};

/** @throws Unreachable in another account than the rollout's, Failure without a rollout, a template or a StackSet */
export async function prepareRollout(options: RolloutOptions & { readonly atOnce: number }): Promise<PreparedRollout> {
  const { template: file, templateUrl: url, directory, atOnce, signal, now = Date.now, sleep = setTimeout } = options;
  const { progress = () => {} } = options;
  const context = options.context ?? (await readCdkJsonContext());
  const names = namesOf({ prefix: process.env.SUTURE_PREFIX || context.prefix });
  const aws = { ...options.aws, region: context.homeRegion };
  const callAs = await callAsOf(context, names, aws);
  const template = await readRolloutTemplate({ file: file && fromCaller(file), url, directory }, names);
  const stack = names.stack('OrgRollout');
  const stackSet = stackSetClient({ name: names.memberStackSet, stack, callAs, aws });
  const operationPrefix = operationPrefixOf(names.prefix, template);
  const run = { stackSet, template, atOncePercent: atOnce, operationPrefix, now, sleep, progress, signal };
  return { name: names.memberStackSet, stack, run, plan: () => planFor(options, context, run, aws) };
}

/**
 * Returns the role in which CloudFormation sees the caller.
 * @throws Unreachable if the caller is in another account than the StackSet
 */
async function callAsOf({ rollout }: SutureContext, names: Names, aws: NonNullable<OperatorEnvironment['aws']>) {
  if (!rollout)
    throw new Failure(
      `cdk.json has no context.suture.rollout, so that no StackSet has the member role. Its stack is ${names.stack('MemberRole')}: deploy it again in each account.`,
    );
  const { account, caller } = await callerOf(aws);
  if (account !== rollout.account)
    throw new Unreachable(
      `These credentials are ${caller}, but the StackSet is in account ${rollout.account} (context.suture.rollout.account). Give --profile.`,
    );
  return rollout.account === rollout.managementAccount ? 'SELF' : 'DELEGATED_ADMIN';
}

async function planFor(
  { canary, ou }: RolloutOptions,
  { rollout }: SutureContext,
  { stackSet, template, sleep, progress }: RolloutRun,
  aws: NonNullable<OperatorEnvironment['aws']>,
): Promise<RolloutPlan & UnitUpdates> {
  progress('reading the organization and the instances of the StackSet');
  const state = await stackSet.state();
  const isNew = !isSameTemplate(state.template, template.text);
  const pause = () => sleep(LISTING_PAUSE_MS);
  const { accounts, units: unitIds } = await listAccounts(new OrganizationsClient(aws), pause);
  const instances = await stackSet.instances();
  const request = { accounts, unitIds, instances, targets: state.units, isNew };
  return { ...planRollout({ ...request, canary: canary ?? rollout?.canary, ous: ou }), state, isNew };
}
