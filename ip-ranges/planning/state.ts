/** What a target's account holds, as far as the planner decides by it, and the calls that it may decide on. Plain data. */
import type { Ports } from '../contract/targets.ts';
import { type Cidr, type Family, formatCidr, overlaps } from './cidr.ts';

/** Ports that a range may reach. */
export type Rule = Ports & { readonly cidr: Cidr };
export type HeldRule = Rule & { readonly id: string };
export type PerFamily<T = number> = Readonly<Record<Family, T>>;

export type Group = {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  /** Made by this function for this target. */
  readonly created: boolean;
  /** Rules that bear the target's mark. */
  readonly own: readonly HeldRule[];
  /** Rules of people that say the same as one of ours would: AWS takes no second one. */
  readonly foreign: readonly Rule[];
  /** What people's rules weigh: each one, a referenced group one in both families, a prefix list its size. */
  readonly foreignWeight: PerFamily;
  /** Has rules of people, inbound or outbound, besides the outbound one that every group begins with. */
  readonly shared: boolean;
  /** Has the outbound rule that every group begins with. */
  readonly open: boolean;
};

/** What groups are attached to: a network interface, or a load balancer, which passes them on to its interfaces. */
export type Point = {
  readonly kind: 'interface' | 'balancer';
  /** An interface's id, a load balancer's ARN. */
  readonly id: string;
  readonly groups: readonly string[];
  /** Why groups cannot be attached to it by the calls that this function has. */
  readonly fixed?: string;
};

export type State = {
  /** Where new groups are made. */
  readonly vpcId: string;
  /** In the order in which they were made, as far as their names say. */
  readonly groups: readonly Group[];
  readonly points: readonly Point[];
  readonly limits: Limits;
};
export type Limits = { readonly rules: number; readonly groups: number };

/** Groups by id, or by name those that an earlier step makes. */
export type Step =
  | { readonly kind: 'create'; readonly group: string }
  /** Takes the outbound rule from a new group, so that attaching it lets nothing out. */
  | { readonly kind: 'seal'; readonly group: string }
  | { readonly kind: 'authorize'; readonly group: string; readonly rules: readonly Rule[] }
  | { readonly kind: 'attach'; readonly point: Point; readonly groups: readonly string[] }
  | { readonly kind: 'revoke'; readonly group: string; readonly rules: readonly HeldRule[] }
  | { readonly kind: 'detach'; readonly point: Point; readonly groups: readonly string[] }
  | { readonly kind: 'delete'; readonly group: string };

/** Equal for rules that AWS takes for the same. */
export const keyOf = ({ protocol, from, to, cidr }: Rule): string => `${protocol} ${from}-${to} ${formatCidr(cidr)}`;

/** Whether some packet is let in by both. */
export const meet = (a: Rule, b: Rule): boolean =>
  a.protocol === b.protocol && a.from <= b.to && b.from <= a.to && overlaps(a.cidr, b.cidr);

/** The rules that let these ranges in at these ports. */
export const rulesFor = (ranges: readonly Cidr[], ports: readonly Ports[]): Rule[] =>
  mergedPorts(ports).flatMap((of) => ranges.map((cidr) => ({ ...of, cidr })));

/** Ports that overlap or adjoin, as one range of ports. */
export function mergedPorts(ports: readonly Ports[]): Ports[] {
  const merged: Ports[] = [];
  for (const next of ports.toSorted((a, b) => a.protocol.localeCompare(b.protocol) || a.from - b.from)) {
    const last = merged.at(-1);
    if (last?.protocol === next.protocol && next.from <= last.to + 1)
      merged[merged.length - 1] = { ...last, to: Math.max(last.to, next.to) };
    else merged.push({ protocol: next.protocol, from: next.from, to: next.to });
  }
  return merged;
}
