/** The state of a target's account, as far as the planner decides by it, and the calls that it may decide on. Plain data. */
import type { Ports } from '../contract/targets.ts';
import { addressesMissing, type Cidr, cidrKey, type Family, formatCidr, overlaps } from './cidr.ts';

export type IngressRule = Ports & { readonly cidr: Cidr };
export type HeldRule = IngressRule & { readonly id: string };
export type ForeignRule = HeldRule & {
  readonly description?: string;
  /** Name of a target that is not configured any more and marked the rule. */
  readonly orphanOf?: string;
};
export type PerFamily = Readonly<Record<Family, number>>;

export type RangeGroup = {
  readonly id: string;
  readonly name: string;
  /** Created by this function for this target. */
  readonly created: boolean;
  /** Rules that have the target's mark. */
  readonly own: readonly HeldRule[];
  /** Other people's rules for ranges. AWS refuses a second rule that says the same. */
  readonly foreign: readonly ForeignRule[];
  /** How much of the limit other people's rules take: a prefix list its size, a referenced group 1 in both families. */
  readonly foreignWeight: PerFamily;
  /** Has other people's rules, inbound or outbound, besides the outbound one that every group begins with. */
  readonly shared: boolean;
  /** Has the outbound rule that every group begins with. */
  readonly open: boolean;
  /** Other targets that have rules in it, or whose configuration takes it too. */
  readonly alsoOf: readonly string[];
};

/** A thing that groups are attached to: a network interface, or a load balancer, which passes them on to its interfaces. */
export type AttachmentPoint = {
  readonly kind: 'interface' | 'balancer';
  /** An interface's id, a load balancer's ARN. */
  readonly id: string;
  readonly groups: readonly string[];
  /** Why this function's calls cannot attach groups to it. */
  readonly fixed?: string;
};

export type GroupState = {
  /** In the order in which they are filled. */
  readonly groups: readonly RangeGroup[];
  readonly points: readonly AttachmentPoint[];
  readonly limits: GroupLimits;
};
/** Limits as far as they are known: from configuration, Service Quotas, and the calls that AWS refused in this run. */
export type GroupLimits = {
  /** Rules of each family that a group takes. */
  readonly rules: number;
  /** Groups that an interface takes. */
  readonly groups: number;
  /** Rules that a group held when it took no more, by group. */
  readonly full?: ReadonlyMap<string, PerFamily>;
  /** Names that other groups of the VPC have. */
  readonly taken?: ReadonlySet<string>;
};

/**
 * Steps name groups by id, or by name if an earlier step creates them. `seal` removes the outbound rule of a new group.
 */
export type GroupStep =
  | { readonly kind: 'create' | 'seal' | 'delete'; readonly group: string }
  | { readonly kind: 'adopt' | 'revoke'; readonly group: string; readonly rules: readonly HeldRule[] }
  | { readonly kind: 'authorize'; readonly group: string; readonly rules: readonly IngressRule[] }
  | { readonly kind: 'attach' | 'detach'; readonly point: AttachmentPoint; readonly groups: readonly string[] };

/** Returns a key that is equal for rules that AWS considers the same. */
export const ruleKey = ({ protocol, from, to, cidr }: IngressRule): string =>
  `${protocol} ${from}-${to} ${cidrKey(cidr)}`;

export const ruleText = ({ protocol, from, to, cidr }: IngressRule): string =>
  `${from === to ? from : `${from}-${to}`}/${protocol} from ${formatCidr(cidr)}`;

/** Returns whether both rules let in some packet. */
export const rulesMeet = (a: IngressRule, b: IngressRule): boolean =>
  a.protocol === b.protocol && a.from <= b.to && b.from <= a.to && overlaps(a.cidr, b.cidr);

/** Returns whether these rules together let in every packet that the rule lets in. */
export function isCovered(rule: IngressRule, by: readonly IngressRule[]): boolean {
  const near = by.filter((other) => rulesMeet(rule, other));
  // Between two of these ports, the same ranges are let in.
  const ports = [rule.from, ...near.flatMap(({ from, to }) => [from, to + 1])];
  return ports
    .filter((port) => port >= rule.from && port <= rule.to)
    .every((port) => {
      const open = near.filter(({ from, to }) => from <= port && port <= to).map(({ cidr }) => cidr);
      return addressesMissing([rule.cidr], open) === 0n;
    });
}

/** Returns the rules that let these ranges in at these ports. Ports that overlap or adjoin are joined. */
export const rulesFor = (ranges: readonly Cidr[], ports: readonly Ports[]): IngressRule[] =>
  mergedPorts(ports).flatMap((of) => ranges.map((cidr) => ({ ...of, cidr })));

export function mergedPorts(ports: readonly Ports[]): Ports[] {
  const merged: Ports[] = [];
  for (const next of ports.toSorted((a, b) => a.protocol.localeCompare(b.protocol) || a.from - b.from)) {
    const last = merged.at(-1);
    if (last?.protocol === next.protocol && next.from <= last.to + 1)
      merged[merged.length - 1] = { ...last, to: Math.max(last.to, next.to) };
    else merged.push(next);
  }
  return merged;
}

export const countOf = (rules: readonly { readonly cidr: Cidr }[], family: Family): number =>
  rules.filter(({ cidr }) => cidr.family === family).length;

export const perFamily = (of: (family: Family) => number) => ({ IPv4: of('IPv4'), IPv6: of('IPv6') });

export const listing = (texts: readonly string[]): string =>
  texts.slice(0, 5).join(', ') + (texts.length > 5 ? ` and ${texts.length - 5} more` : '');
