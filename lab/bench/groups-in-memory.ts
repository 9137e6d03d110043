/** Security groups that only count: what a plan's steps, or another updater's calls, would cost. */
import type { World } from '../../ip-ranges/planning/converge.ts';
import { type Group, type HeldRule, keyOf, type Rule, type State, type Step } from '../../ip-ranges/planning/state.ts';

export type Cost = { authorized: number; revoked: number; calls: number; stillWanted: number };

export class GroupsInMemory implements World<State, Step> {
  readonly cost: Cost = { authorized: 0, revoked: 0, calls: 0, stillWanted: 0 };
  /** Keys of the rules that the document wants: to see which are taken away in between. */
  wanted: ReadonlySet<string> = new Set();
  readonly #groups = new Map<string, Map<string, HeldRule>>();

  get size(): number {
    return this.#groups.size;
  }
  rules(group: string): readonly HeldRule[] {
    return [...this.#of(group).values()];
  }

  async read(): Promise<State> {
    const groups = [...this.#groups].map(
      ([id, rules]): Group => ({
        id,
        name: id,
        vpcId: 'vpc',
        created: true,
        own: [...rules.values()],
        foreign: [],
        foreignWeight: { IPv4: 0, IPv6: 0 },
        shared: false,
        open: false,
      }),
    );
    return { vpcId: 'vpc', groups, points: [], limits: { rules: 60, groups: 16 } };
  }

  async perform(step: Step): Promise<void> {
    this.cost.calls += 1;
    if (step.kind === 'create') this.#of(step.group);
    if (step.kind === 'authorize') this.#add(step.group, step.rules);
    if (step.kind === 'revoke') this.#take(step.group, step.rules);
  }

  #add(group: string, rules: readonly Rule[]): void {
    this.cost.authorized += rules.length;
    for (const rule of rules) this.#of(group).set(keyOf(rule), { ...rule, id: keyOf(rule) });
  }

  #take(group: string, rules: readonly Rule[]): void {
    this.cost.revoked += rules.length;
    for (const key of rules.map(keyOf)) {
      this.#of(group).delete(key);
      const elsewhere = [...this.#groups.values()].some((held) => held.has(key));
      if (this.wanted.has(key) && !elsewhere) this.cost.stillWanted += 1;
    }
  }

  #of(group: string): Map<string, HeldRule> {
    const found = this.#groups.get(group) ?? new Map();
    this.#groups.set(group, found);
    return found;
  }
}
