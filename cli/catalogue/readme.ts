/** A remediation's readme, by the four questions that each one answers. */
import { readFile } from 'node:fs/promises';

export const HEADINGS = {
  changes: 'What it changes',
  neverTouches: 'What it never touches',
  whenNot: 'When not to use it',
  undo: 'How to undo',
} as const;

export type Readme = Readonly<Record<keyof typeof HEADINGS, string>>;

/** The text below each heading; empty where there is none. */
export function readmeOf(markdown: string): Readme {
  const sections = new Map(
    markdown.split(/^##\s+/m).map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading.trim().toLowerCase(), lines.join('\n').trim()];
    }),
  );
  const below = (heading: string) => sections.get(heading.toLowerCase()) ?? '';
  return {
    changes: below(HEADINGS.changes),
    neverTouches: below(HEADINGS.neverTouches),
    whenNot: below(HEADINGS.whenNot),
    undo: below(HEADINGS.undo),
  };
}

const REMEDIATIONS = new URL('../../functions/remediations/', import.meta.url);

/** The readmes of these remediations by id; those that have none are left out. */
export async function readReadmes(ids: readonly string[]): Promise<Map<string, string>> {
  const texts = await Promise.all(
    ids.map((id) => readFile(new URL(`${id}/readme.md`, REMEDIATIONS), 'utf8').catch(ignoreMissing)),
  );
  return new Map(ids.flatMap((id, n) => (texts[n] === undefined ? [] : [[id, texts[n]]])));
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
