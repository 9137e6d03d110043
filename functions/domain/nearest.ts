/** A shorter beginning says too little. */
const MIN_BEGINNING = 4;
const MAX_SUGGESTED = 3;

/**
 * Returns `; did you mean EC2.13?` if a name is close enough for a typing mistake, or begins with the given one, else an
 * empty text.
 */
export function suggestion(name: string, names: readonly string[]): string {
  const [best] = nearest(name, names);
  const maxDistance = Math.ceil(name.length / 3);
  if (best !== undefined && distanceBetween(name.toLowerCase(), best.toLowerCase()) <= maxDistance)
    return `; did you mean ${best}?`;
  const longer = names.filter((each) => each.toLowerCase().startsWith(name.toLowerCase()));
  const isTelling = name.length >= MIN_BEGINNING && longer.length > 0 && longer.length <= MAX_SUGGESTED;
  return isTelling ? `; did you mean ${longer.join(' or ')}?` : '';
}

const MAX_CONTAINING = 5;

/** Returns the names that contain the given one, the shortest first, or the nearest ones if none does. */
export function likeliest(name: string, names: readonly string[]): string[] {
  const containing = names.filter((each) => each.toLowerCase().includes(name.toLowerCase()));
  if (name.length < MIN_BEGINNING || containing.length === 0) return nearest(name, names);
  return containing.toSorted((a, b) => a.length - b.length).slice(0, MAX_CONTAINING);
}

export const nearest = (name: string, names: readonly string[]): string[] =>
  names
    .map((each) => ({ each, distance: distanceBetween(name.toLowerCase(), each.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);

const MAX_ALIKE = 3;

/** Prefers names with the longest text in common: one API of AWS puts Enable before a name, another Enabled after it. */
export const mostAlike = (name: string, names: readonly string[]): string[] =>
  names
    .map((each) => ({ each, common: commonLength(name.toLowerCase(), each.toLowerCase()) }))
    .toSorted((a, b) => b.common - a.common || a.each.length - b.each.length)
    .slice(0, MAX_ALIKE)
    .map(({ each }) => each);

/** Returns the length of the longest text that both contain. */
function commonLength(a: string, b: string): number {
  for (let length = Math.min(a.length, b.length); length > 0; length--)
    for (let start = 0; start + length <= a.length; start++)
      if (b.includes(a.slice(start, start + length))) return length;
  return 0;
}

function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + Number(letter !== other)));
    row = next;
  }
  return row.at(-1)!;
}
