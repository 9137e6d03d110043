import type { World } from '../../ip-ranges/function/world.ts';
import { formatCidr, minimalCover } from '../../ip-ranges/planning/cidr.ts';
import {
  type AttachmentPoint,
  type GroupLimits,
  type GroupState,
  type GroupStep,
  type HeldRule,
  type IngressRule,
  isCovered,
  type RangeGroup,
  ruleKey,
  rulesMeet,
} from '../../ip-ranges/planning/state.ts';

/** `calls`: calls that change something. `lost`: wanted rules that a call revoked, in whole or in part. */
export type ReplayCost = { authorized: number; revoked: number; calls: number; lost: number };

export class GroupsInMemory implements World<GroupState, GroupStep> {
  readonly cost: ReplayCost = { authorized: 0, revoked: 0, calls: 0, lost: 0 };
  wanted: readonly IngressRule[] = [];
  readonly #groups = new Map<string, Map<string, HeldRule>>();
  readonly #points: AttachmentPoint[];
  readonly #limits: GroupLimits;

  constructor(limits: GroupLimits, interfaces: number) {
    this.#limits = limits;
    this.#points = Array.from({ length: interfaces }, (_, n) => ({ kind: 'interface', id: `eni-${n}`, groups: [] }));
  }

  get size(): number {
    return this.#groups.size;
  }
  get points(): readonly AttachmentPoint[] {
    return this.#points;
  }
  rules(group: string): readonly HeldRule[] {
    return [...this.#rulesOf(group).values()];
  }

  isExact(): boolean {
    return areasOf(this.#allRules()) === areasOf(this.wanted);
  }

  async read(): Promise<GroupState> {
    const groups = [...this.#groups].map(
      ([id, rules]): RangeGroup => ({
        id,
        name: id,
        created: true,
        own: [...rules.values()],
        foreign: [],
        foreignWeight: { IPv4: 0, IPv6: 0 },
        shared: false,
        open: false,
        alsoOf: [],
      }),
    );
    return { groups, points: [...this.#points], limits: this.#limits };
  }

  async perform(step: GroupStep): Promise<void> {
    this.cost.calls += 1;
    if (step.kind === 'create') this.#rulesOf(step.group);
    if (step.kind === 'authorize') this.#authorize(step.group, step.rules);
    if (step.kind === 'revoke') this.#revoke(step.group, step.rules);
    if (step.kind === 'attach') {
      const at = this.#points.findIndex(({ id }) => id === step.point.id);
      const point = this.#points[at]!;
      this.#points[at] = { ...point, groups: [...point.groups, ...step.groups] };
    }
  }

  #authorize(group: string, rules: readonly IngressRule[]): void {
    this.cost.authorized += rules.length;
    for (const rule of rules) this.#rulesOf(group).set(ruleKey(rule), { ...rule, id: ruleKey(rule) });
  }

  #revoke(group: string, rules: readonly IngressRule[]): void {
    this.cost.revoked += rules.length;
    for (const rule of rules) this.#rulesOf(group).delete(ruleKey(rule));
    const left = this.#allRules();
    for (const rule of rules) {
      const needed = this.wanted.filter((wanted) => rulesMeet(wanted, rule)).map((wanted) => overlapOf(wanted, rule));
      this.cost.lost += needed.filter((part) => !isCovered(part, left)).length;
    }
  }

  #allRules(): HeldRule[] {
    return [...this.#groups.values()].flatMap((rules) => [...rules.values()]);
  }

  #rulesOf(group: string): Map<string, HeldRule> {
    const rules = this.#groups.get(group) ?? new Map<string, HeldRule>();
    this.#groups.set(group, rules);
    return rules;
  }
}

/** Of two overlapping CIDRs, one contains the other. */
const overlapOf = (a: IngressRule, b: IngressRule): IngressRule => ({
  ...a,
  from: Math.max(a.from, b.from),
  to: Math.min(a.to, b.to),
  cidr: a.cidr.bits.length > b.cidr.bits.length ? a.cidr : b.cidr,
});

/** Rules that allow the same addresses at the same ports have equal texts. */
function areasOf(rules: readonly IngressRule[]): string {
  const byPorts = Map.groupBy(rules, ({ protocol, from, to }) => `${protocol} ${from}-${to}`);
  const areas = [...byPorts].map(
    ([ports, of]) =>
      `${ports} ${minimalCover(of.map(({ cidr }) => cidr))
        .map(formatCidr)
        .join(' ')}`,
  );
  return areas.sort().join('\n');
}
