/** docs/unproven.md and the steps of `npm run smoke:aws` name each other. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SMOKE_STEPS } from '../../smoke/steps.ts';

const PAGE = readFileSync('docs/unproven.md', 'utf8');
const HEADINGS = ['Where', 'Guess', 'If it is wrong', 'How to try it', 'Smoke step'];
const NO_STEP = '—';

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const TABLES = PAGE.split('\n').filter((line) => line.startsWith('|') && !line.startsWith('|---'));
const ROWS = TABLES.map(cellsOf).filter(([first]) => first !== 'Where');

describe('docs/unproven.md', () => {
  it('has the same columns in every table, and no empty cell', () => {
    const heads = TABLES.map(cellsOf).filter(([first]) => first === 'Where');
    expect(heads.length).toBeGreaterThan(2);
    for (const head of heads) expect(head).toEqual(HEADINGS);
    for (const row of ROWS) {
      expect(row, row.join(' | ')).toHaveLength(HEADINGS.length);
      expect(row.filter((cell) => cell === '')).toEqual([]);
    }
  });
  it('names steps that exist, and says what would prove a guess without a step', () => {
    const ids = SMOKE_STEPS.map(({ id }) => `\`${id}\``);
    for (const [where, , , trial, step] of ROWS) {
      if (step === NO_STEP) expect(trial!.length, where).toBeGreaterThan(6);
      else expect(ids, where).toContain(step);
    }
  });
  it.each(SMOKE_STEPS.map(({ id }) => id))('names the step %s', (id) => {
    expect(ROWS.filter((row) => row[4] === `\`${id}\``)).not.toEqual([]);
  });
});
