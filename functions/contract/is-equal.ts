/** Whether two states are equal to AWS: keys and lists in any order, absent and undefined alike. */
export const isEqual = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** Returns the same text for all states that `isEqual` takes for equal. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${entries
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
    .sort()
    .join()}}`;
}
