/** Links, code and emphasis within a line of Markdown, as a terminal shows them. */
import { posix } from 'node:path';
import { asRun } from '../output/as-run.ts';
import { colour } from '../output/terminal.ts';
import { UNBROKEN_SPACE } from '../output/wrap-line.ts';

const CODE = /`[^`]+`/g;

/** Keeps the code in a text on one line. `restoreSpaces` must follow. */
export const keepCodeWhole = (text: string): string =>
  text.replaceAll(CODE, (code) => code.replaceAll(' ', UNBROKEN_SPACE));
export const restoreSpaces = (text: string): string => text.replaceAll(UNBROKEN_SPACE, ' ');

/** @param page its path, such as `docs/runbook.md` */
export function inlineText(text: string, page: string): string {
  const linked = text
    .replaceAll(/<a id="[\w-]+"><\/a>/g, '')
    .replaceAll(/\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (_, label: string, target: string) =>
      linkText(label, target, page),
    );
  return keepCodeWhole(asRun(linked)).replaceAll(/\*\*(.+?)\*\*/g, (_, strong: string) => colour('bold', strong));
}

function linkText(label: string, target: string, page: string): string {
  const plain = label.replaceAll('`', '');
  if (/^https?:/.test(target)) return plain === target ? target : `${label} (${target})`;
  const place = placeOf(target, page);
  return place.endsWith(`#${plain}`) || place.endsWith(plain) ? place : `${label} (${place})`;
}

/** Commands that print the pages that the package lacks. */
const COMMANDS: Readonly<Record<string, string>> = {
  'docs/reference/cli.md': 'suture <command> --help',
  'docs/reference/catalogue.md': 'suture catalogue',
};

/** Returns the command that prints the target, or its path in the repository. */
function placeOf(target: string, page: string): string {
  const [path = '', section] = target.split('#');
  const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
  return COMMANDS[file] ?? (section ? `${file}#${section}` : file);
}
