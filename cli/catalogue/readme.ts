import { readFile } from 'node:fs/promises';
import { PACKAGED_READMES } from '../../functions/remediations/packaged-readmes.ts';

export const README_HEADINGS = {
  changes: 'What it changes',
  neverTouches: 'What it never touches',
  whenNot: 'When not to use it',
  undo: 'How to undo',
} as const;

export type RemediationReadme = Readonly<Record<keyof typeof README_HEADINGS, string>>;

export function parseReadme(markdown: string): RemediationReadme {
  const sections = new Map(
    markdown.split(/^##\s+/m).map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading.trim().toLowerCase(), lines.join('\n').trim()];
    }),
  );
  const below = (heading: string) => sections.get(heading.toLowerCase()) ?? '';
  return {
    changes: below(README_HEADINGS.changes),
    neverTouches: below(README_HEADINGS.neverTouches),
    whenNot: below(README_HEADINGS.whenNot),
    undo: below(README_HEADINGS.undo),
  };
}

const REMEDIATIONS = new URL('../../functions/remediations/', import.meta.url);

/** Reads readmes by the remediations' ids. A remediation without a readme is omitted. */
export async function readReadmes(ids: readonly string[]): Promise<Map<string, string>> {
  const texts = await Promise.all(ids.map(async (id) => PACKAGED_READMES[id]?.text ?? (await ownReadme(id))));
  return new Map(ids.flatMap((id, n) => (texts[n] === undefined ? [] : [[id, texts[n]]])));
}

const ownReadme = (id: string): Promise<string | undefined> =>
  readFile(new URL(`${id}/readme.md`, REMEDIATIONS), 'utf8').catch(ignoreMissing);

/** Returns the path relative to the repository. */
export const readmePath = (id: string): string =>
  PACKAGED_READMES[id]?.path ?? `functions/remediations/${id}/readme.md`;

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
