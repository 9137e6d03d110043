/** A page in Markdown as a terminal shows it: prose is wrapped, code stays as it is. */
import { asRun } from '../output/as-run.ts';
import { displayWidth } from '../output/display-width.ts';
import { wrapWords } from '../output/paragraphs.ts';
import { colour } from '../output/terminal.ts';
import { blocksOf, type PageBlock } from './blocks.ts';
import { inlineText, restoreSpaces } from './inline-text.ts';
import { pageTable } from './page-table.ts';

/** @param page the path to which links are relative, such as `docs/runbook.md` */
export function pageText(markdown: string, page: string, width: number): string {
  const blocks = blocksOf(markdown);
  return blocks
    .map((block, n) => {
      const isNextItem = block.kind === 'item' && blocks[n - 1]?.kind === 'item';
      return (n === 0 ? '' : isNextItem ? '\n' : '\n\n') + restoreSpaces(blockText(block, page, width));
    })
    .join('');
}

function blockText(block: PageBlock, page: string, width: number): string {
  if (block.kind === 'code') return block.lines.map((line) => colour('cyan', asRun(line))).join('\n');
  if (block.kind === 'heading') return colour('bold', wrapWords(inlineText(block.text, page), width));
  if (block.kind === 'paragraph') return wrapWords(inlineText(block.text, page), width);
  if (block.kind === 'item') return itemText(block, page, width);
  return pageTable(
    block.rows.map((row) => row.map((cell) => inlineText(cell, page))),
    width,
  );
}

function itemText(
  { text, indent, mark }: Extract<PageBlock, { readonly kind: 'item' }>,
  page: string,
  width: number,
): string {
  const margin = ' '.repeat(indent);
  const below = ' '.repeat(indent + displayWidth(mark) + 1);
  const [first = '', ...more] = wrapWords(inlineText(text, page), width - below.length).split('\n');
  return [`${margin}${mark} ${first}`, ...more.map((line) => below + line)].join('\n');
}
