import { type DiffLine, jsonDiff } from './json-diff.ts';
import { colour } from './terminal.ts';

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', before: '-', after: '+', gap: ' ' };
const COLOURS = { before: 'red', after: 'green' } as const;

/** Returns the lines in which two values differ, with signs and colours; none if they are equal. */
export const diffLines = (before: unknown, after: unknown): string[] =>
  jsonDiff(before, after).map(({ kind, text }) => {
    const line = `${SIGNS[kind]} ${text}`;
    return kind === 'before' || kind === 'after' ? colour(COLOURS[kind], line) : line;
  });
