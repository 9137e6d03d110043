/** Sections of a page in Markdown, by the names that links use. */

const HEADING = /^(#+) (.+)$/;
const ANCHOR = /<a id="([\w-]+)"><\/a>/;

/** Returns the name of a heading in links, as GitHub makes it. */
export const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

type Place = {
  readonly name: string;
  readonly line: number;
  /** A paragraph with a name of its own is deeper than every heading. */
  readonly level: number;
};

const PARAGRAPH_LEVEL = 7;

/** Skips code, in which a line that begins with `#` is a comment. */
function placesOf(lines: readonly string[]): Place[] {
  let isCode = false;
  return lines.flatMap((text, line): Place[] => {
    if (/^\s*```/.test(text)) isCode = !isCode;
    if (isCode) return [];
    const [, marks, heading] = HEADING.exec(text) ?? [];
    if (marks && heading) return [{ name: anchorOf(heading), line, level: marks.length }];
    const [, name] = ANCHOR.exec(text) ?? [];
    return name === undefined ? [] : [{ name, line, level: PARAGRAPH_LEVEL }];
  });
}

export const sectionsOf = (markdown: string): string[] => placesOf(markdown.split('\n')).map(({ name }) => name);

/** Returns a section with its subsections. */
export function sectionOf(markdown: string, name: string): string | undefined {
  const lines = markdown.split('\n');
  const places = placesOf(lines);
  const at = places.findIndex((place) => place.name === name);
  const place = places[at];
  if (!place) return undefined;
  const next = places.slice(at + 1).find(({ level }) => level <= place.level);
  return lines.slice(place.line, next?.line).join('\n').trim();
}
