/** Ranges, rules and a target for tests over groups in memory. */
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import type { IngressRule } from '../../ip-ranges/planning/state.ts';
import type { Model } from './model.ts';
import { documentOf, rangesTarget } from './support.ts';

/** Returns `count` ranges /24, each in another /16 of 198.0.0.0/8. */
export const scatteredRanges = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => `198.${from + n}.0.0/24`);

export const ruleOf = (text: string, port = 443): IngressRule => ({
  protocol: 'tcp',
  from: port,
  to: port,
  cidr: wantedRanges(documentOf([text]), rangesTarget({ cover: 'raw' })).ranges[0]!,
});

export const sizesOf = (model: Model) => model.groups.map(({ rules }) => rules.length);

export const RAW_TARGET = rangesTarget({ cover: 'raw' });
