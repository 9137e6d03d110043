/** The array elements that contain a value: the index, by the array's path in the event. */
export type Membership = ReadonlyMap<string, number>;
export type Scalar = string | number | boolean | null;
export type Field = { readonly value: Scalar; readonly membership: Membership };

/**
 * Returns the leaves of an event by dotted path. Paths do not show arrays; each leaf keeps the elements that contain
 * it, so that fields of different elements do not match together. Empty arrays and objects have no leaves: for a
 * pattern they do not exist.
 */
export function flatten(event: unknown): Map<string, Field[]> {
  const fields = new Map<string, Field[]>();
  walk(event, '', '$', new Map());
  return fields;

  function walk(value: unknown, path: string, indexedPath: string, membership: Membership): void {
    if (value === undefined) return;
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) {
        const isLeaf = element === null || typeof element !== 'object';
        walk(
          element,
          path,
          `${indexedPath}[${index}]`,
          isLeaf ? membership : new Map([...membership, [indexedPath, index]]),
        );
      }
      return;
    }
    if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value))
        walk(member, path === '' ? name : `${path}.${name}`, `${indexedPath}.${name}`, membership);
      return;
    }
    const leaves = fields.get(path);
    const field = { value: value as Scalar, membership };
    if (leaves) leaves.push(field);
    else fields.set(path, [field]);
  }
}

/** Two values may match together unless they are in different elements of one array. */
export function areConsistent(a: Membership, b: Membership): boolean {
  for (const [array, index] of b) {
    const other = a.get(array);
    if (other !== undefined && other !== index) return false;
  }
  return true;
}
