/** Documents and targets for tests, and a run over a model. */
import { readFileSync } from 'node:fs';
import { type IpRangesTarget, ipRangesTargets } from '../../ip-ranges/contract/targets.ts';
import { NOTHING_LEARNED } from '../../ip-ranges/planning/assign.ts';
import { type Clock, converge } from '../../ip-ranges/planning/converge.ts';
import { type Document, parseDocument } from '../../ip-ranges/planning/document.ts';
import { learnt } from '../../ip-ranges/planning/learn.ts';
import { type PlanOptions, plan } from '../../ip-ranges/planning/plan.ts';
import { clockOf, type Model } from './model.ts';

export const OWN = { account: '111111111111', region: 'us-east-1' };

export const targetOf = (options: object = {}): IpRangesTarget =>
  ipRangesTargets(
    { IP_RANGES: JSON.stringify({ targets: [{ vpcId: 'vpc-00000001', ports: ['443'], ...options }] }) },
    OWN,
  )[0]!;

/** One of test/fixtures/ip-ranges. */
export const published = (name: string): Document =>
  parseDocument(readFileSync(new URL(`../fixtures/ip-ranges/${name}.json`, import.meta.url), 'utf8'));

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

export const run = (
  model: Model,
  document: Document,
  target = targetOf(),
  { clock = clockOf(), ...options }: PlanOptions & { readonly clock?: Clock } = {},
) =>
  converge({
    world: model,
    clock,
    plan: (state, learned) => plan(document, state, target, { ...options, learned }),
    learned: NOTHING_LEARNED,
    learn: learnt,
  });
