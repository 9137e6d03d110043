/** Security groups, and what they are attached to, in memory: with AWS's limits and errors, and with faults on demand. */
import type { World } from '../../ip-ranges/function/world.ts';
import { type Family, formatCidr } from '../../ip-ranges/planning/cidr.ts';
import {
  type AttachmentPoint,
  type GroupLimits,
  type GroupState,
  type GroupStep,
  type HeldRule,
  type IngressRule,
  type RangeGroup,
  ruleKey,
} from '../../ip-ranges/planning/state.ts';

export type ModelRule = IngressRule & { readonly id: string; readonly own: boolean; readonly description?: string };
export type ModelGroup = {
  readonly id: string;
  readonly name: string;
  readonly created: boolean;
  open: boolean;
  /** Other targets that have rules in it. */
  alsoOf: string[];
  rules: ModelRule[];
};
export type ModelOptions = {
  readonly limits?: GroupLimits;
  /** The limits that AWS enforces, if they differ from those that the updater read. */
  readonly enforced?: number;
};

export const awsError = (name: string, message = name): Error => Object.assign(new Error(message), { name });

export class Model implements World<GroupState, GroupStep> {
  readonly groups: ModelGroup[] = [];
  readonly points: { kind: AttachmentPoint['kind']; id: string; groups: string[]; fixed?: string }[] = [];
  /** Mutating calls that took effect. */
  readonly calls: GroupStep[] = [];
  /** The same calls by plan. A read begins a new plan. */
  readonly plans: GroupStep[][] = [];
  /** Called before each mutating call. Returns the error of the call; with `after`, the call takes effect first. */
  fault: (step: GroupStep, n: number) => Error | { readonly after: Error } | undefined = () => undefined;
  /** Called after every call that took effect. */
  onCall: (step: GroupStep) => void = () => {};
  readonly limits: GroupLimits;
  readonly #enforced: number;
  #ids = 0;
  #attempts = 0;

  constructor({ limits = { rules: 60, groups: 5 }, enforced = limits.rules }: ModelOptions = {}) {
    this.limits = limits;
    this.#enforced = enforced;
  }

  add(group: Partial<ModelGroup> & { readonly name: string }): ModelGroup {
    const made = { id: this.#id('sg'), created: true, open: false, alsoOf: [], rules: [], ...group };
    this.groups.push(made);
    return made;
  }
  allow(group: ModelGroup, rules: readonly IngressRule[], own: boolean): void {
    for (const rule of rules) group.rules.push({ ...rule, id: this.#id('sgr'), own });
  }
  attachTo(id: string, groups: readonly string[], kind: AttachmentPoint['kind'] = 'interface'): void {
    this.points.push({ kind, id, groups: [...groups] });
  }

  async read(): Promise<GroupState> {
    this.plans.push([]);
    const groups = this.groups.map((group): RangeGroup => {
      const foreign = group.rules.filter(({ own }) => !own);
      const weight = (family: Family) => foreign.filter(({ cidr }) => cidr.family === family).length;
      return {
        id: group.id,
        name: group.name,
        created: group.created,
        own: group.rules.filter(({ own }) => own) as HeldRule[],
        foreign,
        foreignWeight: { IPv4: weight('IPv4'), IPv6: weight('IPv6') },
        shared: foreign.length > 0,
        open: group.open,
        alsoOf: [...group.alsoOf],
      };
    });
    const ids = groups.map(({ id }) => id);
    const points = this.points.filter((point) => point.groups.some((id) => ids.includes(id)));
    return structuredClone({ groups, points, limits: this.limits });
  }

  async perform(step: GroupStep): Promise<void> {
    const fault = this.fault(step, this.#attempts++);
    if (fault instanceof Error) throw fault;
    this.#take(step);
    this.calls.push(step);
    this.plans.at(-1)?.push(step);
    this.onCall(step);
    if (fault) throw fault.after;
  }

  #take(step: GroupStep): void {
    switch (step.kind) {
      case 'create':
        if (this.groups.some(({ name }) => name === step.group)) throw awsError('InvalidGroup.Duplicate');
        this.add({ name: step.group, open: true });
        return;
      case 'seal':
        this.#group(step.group).open = false;
        return;
      case 'authorize':
        this.#authorize(this.#group(step.group), step.rules);
        return;
      case 'adopt': {
        const ids = step.rules.map(({ id }) => id);
        const group = this.#group(step.group);
        group.rules = group.rules.map((rule) => (ids.includes(rule.id) ? { ...rule, own: true } : rule));
        return;
      }
      case 'revoke': {
        const group = this.#group(step.group);
        for (const { id } of step.rules)
          if (!group.rules.some((rule) => rule.id === id)) throw awsError('InvalidSecurityGroupRuleId.NotFound');
        group.rules = group.rules.filter(({ id }) => !step.rules.some((rule) => rule.id === id));
        return;
      }
      case 'attach': {
        const point = this.points.find(({ id }) => id === step.point.id);
        if (!point) throw awsError('InvalidNetworkInterfaceID.NotFound');
        const groups = [...new Set([...point.groups, ...step.groups.map((ref) => this.#group(ref).id)])];
        if (groups.length > this.limits.groups) throw awsError('SecurityGroupsPerInterfaceLimitExceeded');
        point.groups = groups;
        return;
      }
      case 'detach': {
        const point = this.points.find(({ id }) => id === step.point.id)!;
        point.groups = point.groups.filter((id) => !step.groups.includes(id));
        return;
      }
      case 'delete': {
        if (this.points.some(({ groups }) => groups.includes(step.group))) throw awsError('DependencyViolation');
        this.groups.splice(this.groups.indexOf(this.#group(step.group)), 1);
        return;
      }
    }
  }

  #authorize(group: ModelGroup, rules: readonly IngressRule[]): void {
    const keys = [...group.rules, ...rules].map(ruleKey);
    if (new Set(keys).size < keys.length) throw awsError('InvalidPermission.Duplicate');
    for (const family of ['IPv4', 'IPv6'])
      if ([...group.rules, ...rules].filter(({ cidr }) => cidr.family === family).length > this.#enforced)
        throw awsError('RulesPerSecurityGroupLimitExceeded');
    this.allow(group, rules, true);
  }

  #group(ref: string): ModelGroup {
    const group = this.groups.find(({ id, name }) => id === ref || name === ref);
    if (!group) throw awsError('InvalidGroup.NotFound', `no ${ref}`);
    return group;
  }

  #id(prefix: string): string {
    this.#ids += 1;
    return `${prefix}-${this.#ids.toString(16).padStart(8, '0')}`;
  }
}

/** Returns the updater's ranges in all groups, sorted and unique. */
export const ownRanges = (model: Model): string[] =>
  [
    ...new Set(model.groups.flatMap(({ rules }) => rules.filter(({ own }) => own).map(({ cidr }) => formatCidr(cidr)))),
  ].sort();

/** Returns a clock for runs in memory, which only `sleep` advances. */
export function clockOf({ minutes = 5 }: { readonly minutes?: number } = {}) {
  let now = Date.UTC(2026, 0, 1);
  return {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
    deadline: now + minutes * 60_000,
    random: () => 0.5,
  };
}
