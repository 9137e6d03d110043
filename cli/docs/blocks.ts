/** The parts of a page in the Markdown that our pages use. */

export type PageBlock =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'item'; readonly text: string; readonly indent: number; readonly mark: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

const FENCE = /^(\s*)```/;
const ITEM = /^(\s*)(-|\d+\.) (.*)$/;

export function blocksOf(markdown: string): PageBlock[] {
  const blocks: PageBlock[] = [];
  const lines = markdown.split('\n');
  for (let n = 0; n < lines.length; ) {
    const end = endOf(lines, n);
    const block = blockOf(lines.slice(n, end));
    if (block) blocks.push(block);
    n = end;
  }
  return blocks;
}

/** Returns the line after the block that begins at `start`. */
function endOf(lines: readonly string[], start: number): number {
  const first = lines[start]!;
  const isFence = FENCE.test(first);
  const last = lines.findIndex((line, n) => n > start && (isFence ? FENCE.test(line) : !continues(first, line)));
  if (last === -1) return lines.length;
  return isFence ? last + 1 : last;
}

/** Returns true if a line belongs to the table or the text that begins with `first`. */
function continues(first: string, line: string): boolean {
  if (first.startsWith('|')) return line.startsWith('|');
  return isProse(first) && isProse(line) && !ITEM.test(line);
}

const isProse = (line: string): boolean => line.trim() !== '' && !/^(#+ |\||<!--)/.test(line) && !FENCE.test(line);

function blockOf(lines: readonly string[]): PageBlock | undefined {
  const [first = ''] = lines;
  if (first.trim() === '' || first.startsWith('<!--')) return undefined;
  if (/^#+ /.test(first)) return { kind: 'heading', text: first };
  if (first.startsWith('|')) return { kind: 'table', rows: rowsOf(lines) };
  const [, margin] = FENCE.exec(first) ?? [];
  if (margin !== undefined)
    return { kind: 'code', lines: lines.slice(1, -1).map((line) => withoutMargin(line, margin)) };
  const text = lines.map((line) => line.trim()).join(' ');
  const [, indent, mark] = ITEM.exec(first) ?? [];
  if (indent === undefined || mark === undefined) return { kind: 'paragraph', text };
  return { kind: 'item', text: text.slice(mark.length + 1), indent: indent.length, mark };
}

const withoutMargin = (line: string, margin: string): string =>
  line.startsWith(margin) ? line.slice(margin.length) : line;

/** Leaves out the line below the headings. A bar in code is written `\|`. */
const rowsOf = (lines: readonly string[]): string[][] =>
  lines
    .filter((line) => !/^\|[\s:|-]+\|$/.test(line))
    .map((line) =>
      line
        .trim()
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
