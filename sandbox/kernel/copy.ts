/** Copies of states: plain objects, lists, maps, sets, dates and bytes. */

/** For a member named `__proto__`, whose assignment would set the prototype. */
const PLAIN_MEMBER = { enumerable: true, configurable: true, writable: true };

/** Returns a deep copy. An object that a state holds twice stays one object. */
export function copyOf<T>(value: T): T {
  return copyValue(value, new Map()) as T;
}

function copyValue(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) return copyList(value, copies);
  if (value instanceof Map) return copyMap(value, copies);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return copyInstance(value, copies);
  const copy: Record<string, unknown> = {};
  copies.set(value, copy);
  for (const name of Object.keys(value)) {
    const member = copyValue((value as Record<string, unknown>)[name], copies);
    if (name === '__proto__') Object.defineProperty(copy, name, { ...PLAIN_MEMBER, value: member });
    else copy[name] = member;
  }
  return copy;
}

function copyList(list: readonly unknown[], copies: Map<object, unknown>): unknown[] {
  const copy: unknown[] = [];
  copies.set(list, copy);
  for (const element of list) copy.push(copyValue(element, copies));
  return copy;
}

function copyMap(map: ReadonlyMap<unknown, unknown>, copies: Map<object, unknown>): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>();
  copies.set(map, copy);
  for (const [key, member] of map) copy.set(copyValue(key, copies), copyValue(member, copies));
  return copy;
}

function copyInstance(value: object, copies: Map<object, unknown>): unknown {
  const copy =
    value instanceof Set
      ? new Set([...value].map((element) => copyValue(element, copies)))
      : value instanceof Date
        ? new Date(value)
        : structuredClone(value);
  copies.set(value, copy);
  return copy;
}
