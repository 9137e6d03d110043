/** The parts of a page in Markdown, as far as our pages use it. */

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
  const belongs = FENCE.test(first)
    ? undefined
    : first.startsWith('|')
      ? (line: string) => line.startsWith('|')
      : isProse(first)
        ? (line: string) => isProse(line) && !ITEM.test(line)
        : () => false;
  if (!belongs) {
    const close = lines.findIndex((line, n) => n > start && FENCE.test(line));
    return close === -1 ? lines.length : close + 1;
  }
  const next = lines.findIndex((line, n) => n > start && !belongs(line));
  return next === -1 ? lines.length : next;
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

/** Without the line between the headings and the other rows. A bar in code is written `\|`. */
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
