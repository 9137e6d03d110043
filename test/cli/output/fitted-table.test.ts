import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { fittedTable } from '../../../cli/output/fitted-table.ts';
import { deadLetterQueues } from '../../../functions/domain/dead-letters.ts';

describe('a table whose last column wraps', () => {
  const rows = Object.entries(deadLetterQueues({ prefix: 'suture' })).map(([queue, { holds }]) => [queue, '12', holds]);
  const lines = (width: number) =>
    fittedTable([{ heading: 'queue' }, { heading: 'messages' }, { heading: 'holds', wraps: 20 }], rows, width).split(
      '\n',
    );

  it.each([60, 80, 100])('has every word in %i columns, below the beginning of its cell', (width) => {
    const shown = lines(width);
    for (const line of shown) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    const start = shown[0]!.indexOf('holds');
    const cells = shown.slice(1).map((line) => ({ isFirst: !line.startsWith(' '), text: line.slice(start) }));
    const joined = cells.map(({ isFirst, text }) => (isFirst ? `\n${text}` : ` ${text}`)).join('');
    expect(joined.split('\n').slice(1)).toEqual(rows.map(([, , holds]) => holds));
  });
  it('has one line for each row in a wide terminal', () => {
    expect(lines(200)).toHaveLength(1 + rows.length);
  });
});
