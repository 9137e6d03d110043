/** Documents and targets for tests, and a run over a model. */
import { readFileSync } from 'node:fs';
import { type IpRangesTarget, ipRangesTargets } from '../../ip-ranges/contract/targets.ts';
import { converge, type RunClock } from '../../ip-ranges/function/converge.ts';
import { limitsAfter } from '../../ip-ranges/function/limits.ts';
import { parseDocument } from '../../ip-ranges/function/parse-document.ts';
import { problemOf, type SiteDeps } from '../../ip-ranges/function/site.ts';
import type { World } from '../../ip-ranges/function/world.ts';
import type { Document } from '../../ip-ranges/planning/document.ts';
import { heldRanges, type PlanOptions, planGroups } from '../../ip-ranges/planning/plan.ts';
import type { GroupState, GroupStep, RangeGroup } from '../../ip-ranges/planning/state.ts';
import { clockOf, type Model } from './model.ts';

/** For a site in an installation that nobody stopped. */
export const siteDeps = (sleep: RunClock['sleep'] = async () => {}): SiteDeps => ({
  sleep,
  stop: async () => undefined,
});

export const OWN = { account: '111111111111', region: 'us-east-1' };

export const rangesTarget = (options: object = {}): IpRangesTarget =>
  ipRangesTargets(
    { IP_RANGES: JSON.stringify({ targets: [{ vpcId: 'vpc-00000001', ports: ['443'], ...options }] }) },
    OWN,
  )[0]!;

/** One of test/fixtures/ip-ranges. */
export const publishedDocument = (name: string): Document =>
  parseDocument(readFileSync(new URL(`../fixtures/ip-ranges/${name}.json`, import.meta.url), 'utf8'));

/** Returns `count` ranges /24 of 198.51.0.0/16. */
export const manyRanges = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `198.51.${n + from}.0/24`);

export const documentOf = (
  ranges: readonly string[],
  { syncToken = '1761589700', service = 'CLOUDFRONT_ORIGIN_FACING', region = 'GLOBAL' } = {},
): Document => ({
  syncToken,
  createDate: '2025-10-27-18-28-20',
  prefixes: [
    { ip_prefix: '15.177.0.0/18', region: 'GLOBAL', service: 'ROUTE53_HEALTHCHECKS' },
    ...ranges.filter((range) => !range.includes(':')).map((ip_prefix) => ({ ip_prefix, region, service })),
  ],
  ipv6_prefixes: ranges.filter((range) => range.includes(':')).map((ipv6_prefix) => ({ ipv6_prefix, region, service })),
});

/** Returns the model as a world that learns limits from refusals, as the updater does. */
export function learning(model: Model): World<GroupState, GroupStep> {
  let { limits } = model;
  let groups: readonly RangeGroup[] = [];
  return {
    async read() {
      const state = { ...(await model.read()), limits };
      groups = state.groups;
      return state;
    },
    async perform(step) {
      try {
        await model.perform(step);
      } catch (error) {
        limits = limitsAfter(error, step, { groups, limits });
        throw error;
      }
    },
  };
}

/** Applies a document to the model. @throws DocumentRefused or TargetBlocked, after all other steps */
export async function run(
  model: Model,
  document: Document,
  target = rangesTarget(),
  { clock = clockOf(), ...options }: PlanOptions & { readonly clock?: RunClock } = {},
) {
  const baseline = options.baseline ?? heldRanges(await model.read());
  const planFor = (state: GroupState) => planGroups(document, state, target, { ...options, baseline });
  const converged = await converge(learning(model), planFor, clock);
  const problem = problemOf(converged.plan);
  if (problem) throw problem;
  return converged;
}
