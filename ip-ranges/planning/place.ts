/**
 * Which group takes which rule, and in which order: first fit, so that groups are few, and never so that a call takes
 * away what is still wanted.
 */
import { FAMILIES, type Family } from './cidr.ts';
import { type HeldRule, keyOf, meet, type PerFamily, type Rule } from './state.ts';

/** A group, as far as placing goes. */
export type Bin = {
  readonly ref: string;
  readonly isNew: boolean;
  /** Weight of what stays: own rules that are wanted, and people's. */
  readonly stays: PerFamily;
  /** Own rules that are not wanted here any more. */
  readonly stale: readonly HeldRule[];
  /** More than AWS takes, as far as is known of this group. */
  readonly limit: PerFamily;
  /** How far it is filled. */
  readonly fill: PerFamily;
};

export type Move =
  | { readonly kind: 'authorize'; readonly group: string; readonly rules: readonly Rule[] }
  | { readonly kind: 'revoke'; readonly group: string; readonly rules: readonly HeldRule[] };

/** Between the two, new groups are attached; nothing of the first takes anything away that is wanted. */
export type Placed = { readonly before: readonly Move[]; readonly after: readonly Move[] };

/** All that is new is authorized before anything is revoked; undefined where the groups lack the room. */
export function placeAtOnce(pending: readonly Rule[], bins: readonly Bin[]): Placed | undefined {
  const rooms = bins.map((bin) => ({ bin, room: roomBeside(bin), rules: [] as Rule[] }));
  // One call where one group takes all of it.
  const whole = rooms.find(
    ({ bin, room }) => !bin.isNew && FAMILIES.every((each) => countOf(pending, each) <= room[each]),
  );
  if (whole) whole.rules.push(...pending);
  // Each family goes on where its last rule found room.
  const at: Record<Family, number> = { IPv4: 0, IPv6: 0 };
  for (const rule of whole ? [] : pending) {
    const { family } = rule.cidr;
    while (at[family] < rooms.length && rooms[at[family]]!.room[family] <= 0) at[family] += 1;
    const found = rooms[at[family]];
    if (!found) return undefined;
    found.room[family] -= 1;
    found.rules.push(rule);
  }
  return {
    before: rooms.flatMap(({ bin, rules }) => authorize(bin, rules)),
    after: bins.flatMap((bin) => revoke(bin)),
  };
}

/**
 * Group by group, where there is no room for old and new together: what a group held is revoked when the other groups let
 * in all of it that is wanted, and the room that this makes takes what the next group waits for. At most one Authorize
 * and one Revoke a group.
 */
export function placeInTurn(pending: readonly Rule[], bins: readonly Bin[]): Placed | undefined {
  const waiting = new Map(
    bins.map((bin) => [bin.ref, pending.filter((rule) => bin.stale.some((old) => meet(old, rule)))]),
  );
  const inTurn = bins.toSorted((a, b) => waiting.get(a.ref)!.length - waiting.get(b.ref)!.length);
  const left = new Map(
    [...inTurn.flatMap((bin) => waiting.get(bin.ref)!), ...pending].map((rule) => [keyOf(rule), rule]),
  );
  const take = (bin: Bin, room: Record<Family, number>): Move[] => {
    const rules: Rule[] = [];
    for (const [key, rule] of left) {
      if (room[rule.cidr.family] <= 0) continue;
      room[rule.cidr.family] -= 1;
      rules.push(rule);
      left.delete(key);
    }
    return authorize(bin, rules);
  };

  const before = bins.filter(({ isNew }) => isNew).flatMap((bin) => take(bin, roomBeside(bin)));
  const after: Move[] = [];
  const old = new Set(inTurn.filter(({ isNew }) => !isNew));
  while (old.size > 0) {
    const freed = [...old].find((bin) => !waiting.get(bin.ref)!.some((rule) => left.has(keyOf(rule))));
    if (freed) {
      after.push(...revoke(freed), ...take(freed, roomAfter(freed)));
      old.delete(freed);
      continue;
    }
    // None can be emptied yet: the one with most room takes what it can beside what it holds.
    const widest = [...old].toSorted((a, b) => widthOf(b) - widthOf(a))[0]!;
    const taken = take(widest, roomBeside(widest));
    if (taken.length === 0) return undefined;
    const last = { ...widest, stays: widest.fill };
    old.delete(widest);
    old.add(last);
    waiting.set(last.ref, waiting.get(widest.ref)!);
    after.push(...taken);
  }
  return left.size === 0 ? { before, after } : undefined;
}

/**
 * As much as there is room for, and off with what is then let in elsewhere; another plan follows for the rest. Only for
 * groups that no order of one Authorize and one Revoke each can bring to what is wanted: each old rule waits for more new
 * ones than there is room for, as when many ports become a range of ports in groups that are full. Undefined where the
 * plans that follow would not end well.
 */
export function placePartly(pending: readonly Rule[], bins: readonly Bin[]): Placed | undefined {
  const first = part(pending, bins);
  for (let next = first; next.left.length > 0; next = part(next.left, next.bins)) if (!next.placed) return undefined;
  return first.placed;
}

/** One plan's part, and what it leaves to the next. */
function part(pending: readonly Rule[], bins: readonly Bin[]) {
  const waits = bins.flatMap(({ stale }) => stale.map((old) => pending.filter((rule) => meet(old, rule))));
  const left = new Set([...waits.toSorted((a, b) => a.length - b.length).flat(), ...pending]);
  const rooms = bins.map((bin) => ({ bin, room: roomBeside(bin), rules: [] as Rule[] }));
  for (const rule of left) {
    const found = rooms.find(({ room }) => room[rule.cidr.family] > 0);
    if (!found) continue;
    found.room[rule.cidr.family] -= 1;
    found.rules.push(rule);
    left.delete(rule);
  }
  const waiting = [...left];
  const goes = (old: HeldRule) => !waiting.some((rule) => meet(old, rule));
  const before = rooms.flatMap(({ bin, rules }) => authorize(bin, rules));
  const after = bins.flatMap((bin) => revoke({ ...bin, stale: bin.stale.filter(goes) }));
  const remaining = rooms.map(({ bin, rules }) => ({
    ...bin,
    stays: perFamily((family) => bin.stays[family] + countOf(rules, family)),
    stale: bin.stale.filter((old) => !goes(old)),
  }));
  return { placed: before.length + after.length > 0 ? { before, after } : undefined, left: waiting, bins: remaining };
}

const authorize = ({ ref }: Bin, rules: readonly Rule[]): Move[] =>
  rules.length > 0 ? [{ kind: 'authorize', group: ref, rules }] : [];

const revoke = ({ ref, stale }: Bin): Move[] =>
  stale.length > 0 ? [{ kind: 'revoke', group: ref, rules: stale }] : [];

/** Room for new rules while the old ones are still there. */
const roomBeside = (bin: Bin): Record<Family, number> =>
  perFamily((family) =>
    Math.min(bin.limit[family] - bin.stays[family] - countOf(bin.stale, family), freeIn(bin, family)),
  );

const roomAfter = (bin: Bin): Record<Family, number> => perFamily((family) => freeIn(bin, family));

const freeIn = ({ fill, stays }: Bin, family: Family) => fill[family] - stays[family];

const widthOf = (bin: Bin): number => Object.values(roomBeside(bin)).reduce((sum, room) => sum + Math.max(0, room), 0);

export const countOf = (rules: readonly Rule[], family: Family): number =>
  rules.reduce((sum, { cidr }) => sum + Number(cidr.family === family), 0);

export const perFamily = <T>(of: (family: Family) => T): Record<Family, T> =>
  Object.fromEntries(FAMILIES.map((family) => [family, of(family)])) as Record<Family, T>;
