/** A log of the sandbox by a key of its entries, kept up with as it grows: ten thousand searches through it would be as many passes. */

type Index = { seen: number; readonly first: unknown; readonly byKey: Map<string, unknown[]> };
const indexes = new WeakMap<(entry: never) => string | undefined, WeakMap<readonly unknown[], Index>>();

/** The entries with this key, oldest first. @param keyOf always the same function for the same key; undefined: not to be found */
export function entriesOf<E>(log: readonly E[], keyOf: (entry: E) => string | undefined, key: string): readonly E[] {
  const ofLogs = indexes.get(keyOf) ?? new WeakMap<readonly unknown[], Index>();
  indexes.set(keyOf, ofLogs);
  const known = ofLogs.get(log);
  // A log that was emptied has begun anew.
  const isSame = known && known.seen <= log.length && known.first === log[0];
  const index = isSame ? known : { seen: 0, first: log[0], byKey: new Map<string, unknown[]>() };
  ofLogs.set(log, index);
  for (; index.seen < log.length; index.seen++) {
    const entry = log[index.seen]!;
    const its = keyOf(entry);
    if (its === undefined) continue;
    const others = index.byKey.get(its);
    if (others) others.push(entry);
    else index.byKey.set(its, [entry]);
  }
  return (index.byKey.get(key) ?? []) as E[];
}
