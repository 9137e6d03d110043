/**
 * An index over an append-only log of the sandbox, so that finding the entries of each of n findings takes one pass,
 * not n.
 */

type LogIndex = { indexed: number; readonly first: unknown; readonly byKey: Map<string, unknown[]> };
type KeyOf = (entry: never) => string | undefined;
const indexes = new WeakMap<KeyOf, WeakMap<readonly unknown[], LogIndex>>();

/**
 * Returns the entries with this key, oldest first.
 * @param keyOf the function's identity identifies the index, so pass the same one each time; entries without a key are
 * omitted
 */
export function entriesWithKey<E>(
  log: readonly E[],
  keyOf: (entry: E) => string | undefined,
  key: string,
): readonly E[] {
  const index = indexOf(log, keyOf);
  for (; index.indexed < log.length; index.indexed++) {
    const entry = log[index.indexed]!;
    const entryKey = keyOf(entry);
    if (entryKey === undefined) continue;
    const others = index.byKey.get(entryKey);
    if (others) others.push(entry);
    else index.byKey.set(entryKey, [entry]);
  }
  return (index.byKey.get(key) ?? []) as E[];
}

function indexOf<E>(log: readonly E[], keyOf: (entry: E) => string | undefined): LogIndex {
  const ofLogs = indexes.get(keyOf) ?? new WeakMap<readonly unknown[], LogIndex>();
  indexes.set(keyOf, ofLogs);
  const known = ofLogs.get(log);
  if (known && known.indexed <= log.length && known.first === log[0]) return known;
  const index = { indexed: 0, first: log[0], byKey: new Map<string, unknown[]>() };
  ofLogs.set(log, index);
  return index;
}
