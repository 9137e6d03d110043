/**
 * Fills in the generated parts of pages that people write. A part is between two comments, `<!-- head -->` or `<!-- table: controls
 * -->` and `<!-- end -->`.
 */

const PART = /(<!-- (head|table: [\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * Replaces the text between the markers of a page. `parts` are texts by the name in the opening marker.
 * @throws Error for a part without markers, for markers without a part, and for markers that occur twice
 */
export function fillMarkers(path: string, page: string, parts: ReadonlyMap<string, string>): string {
  const missing = new Set(parts.keys());
  const filled = page.replace(PART, (_, begin: string, name: string, end: string) => {
    if (!missing.delete(name))
      throw new Error(`${path} has the marker <!-- ${name} --> twice, or nothing generates this part. Remove it.`);
    return `${begin}\n${parts.get(name)}\n\n${end}`;
  });
  if (missing.size === 0) return filled;
  const lines = [...missing].map((name) => `<!-- ${name} --> and <!-- end -->`);
  throw new Error(`${path} lacks the markers ${lines.join(', ')}. Put each on a line of its own.`);
}
