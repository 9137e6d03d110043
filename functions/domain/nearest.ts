/** Returns `; did you mean EC2.13?` if a name is close enough for a typing mistake, else an empty text. */
export function suggestion(name: string, names: readonly string[]): string {
  const [best] = nearest(name, names);
  const maxDistance = Math.ceil(name.length / 3);
  return best !== undefined && distanceBetween(name.toLowerCase(), best.toLowerCase()) <= maxDistance
    ? `; did you mean ${best}?`
    : '';
}

export const nearest = (name: string, names: readonly string[]): string[] =>
  names
    .map((each) => ({ each, distance: distanceBetween(name.toLowerCase(), each.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);

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
