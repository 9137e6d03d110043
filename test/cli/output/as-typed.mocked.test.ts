/** As the package has it: a stored text names pages by a longer command than its path. */
import { expect, it, vi } from 'vitest';
import { fittedTable } from '../../../cli/output/fitted-table.ts';
import { wrapHanging, wrapOutput, wrapWords } from '../../../cli/output/paragraphs.ts';
import { table } from '../../../cli/output/terminal.ts';
import { withCommandsTyped } from '../../../functions/domain/command-names.ts';

vi.mock('../../../cli/output/as-typed.ts', () => ({ asTyped: (text: string) => withCommandsTyped(text) }));

const STORED = `${'word '.repeat(8)}docs/upgrade.md#a-role-that-is-too-old`;
const WIDTH = 79;
const AFTER = 'suture docs upgrade#a-role-that-is-too-old';

it.each([
  ['wrapOutput', wrapOutput(STORED, WIDTH)],
  ['wrapWords', wrapWords(STORED, WIDTH)],
  ['wrapHanging', wrapHanging(STORED, 2, WIDTH)],
  ['table', table(['a', 'b'], [['x', STORED]], WIDTH)],
  ['fittedTable', fittedTable([{ heading: 'a' }], [[STORED]], WIDTH + 10)],
])('%s names pages before it fits them', (_, text) => {
  expect(text).toContain(AFTER);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(WIDTH + 4);
});
