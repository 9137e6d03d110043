/** The short names of findings in the output of `suture simulate`, which its `--finding` takes. */
import { matchOf, ownDigits, shortIds } from '../../cli/names/short-names.ts';

/** In characters. If ids begin alike, their unique beginnings are longer: then the place in the input is shorter. */
const MAX_NAME = 16;

/** Returns the beginnings of the ids, or the places in the input if those are long or some findings have none. */
export function findingNames(ids: readonly (string | null)[]): string[] {
  const known = ids.filter((id) => id !== null);
  const names = known.length === ids.length && new Set(known).size === ids.length ? shortIds(known) : [];
  const areNames = names.length > 0 && names.every((name) => name.length <= MAX_NAME && name !== '');
  return areNames ? names : ids.map((_, n) => String(n + 1));
}

/** Returns the positions of the findings that the text names: by an id or its beginning, or by the place in the input. */
export function findingsNamed(text: string, ids: readonly (string | null)[]): number[] {
  const matches = ids.map((id) => (id === null ? undefined : matchOf(text, [id, ownDigits(id)])));
  for (const kind of ['whole', 'prefix'] as const)
    if (matches.includes(kind)) return matches.flatMap((match, n) => (match === kind ? [n] : []));
  const place = /^\d+$/.test(text) ? Number(text) : 0;
  return place >= 1 && place <= ids.length ? [place - 1] : [];
}
