import { expect, it } from 'vitest';
import { decisionRows } from '../../tools/generators/decision-index.ts';

const decision = (status: string, text = 'Why.', date = '2026-11-22') =>
  `# 1. People call the function\n\nStatus: ${status} · Date: ${date}\n\n${text}\n`;
const LATER = '# 12. People call the API\n\nStatus: accepted · Date: 2026-11-29\n\nSupersedes [0001](./0001-a.md).\n';

const rowsOf = (first: string, later = LATER) =>
  decisionRows(
    new Map([
      ['0001-a.md', first],
      ['0012-b.md', later],
    ]),
  );

it('a row has number, title, status and date', () => {
  expect(rowsOf(decision('superseded by [0012](./0012-b.md)'))).toEqual([
    '| 0001 | [People call the function](./0001-a.md) | superseded by [0012](./0012-b.md) | 2026-11-22 |',
    '| 0012 | [People call the API](./0012-b.md) | accepted | 2026-11-29 |',
  ]);
});

it.each<[what: string, first: string, later: string, message: string]>([
  [
    'a number of another form',
    decision('superseded by [12](./0012-b.md)'),
    LATER,
    'has the status "superseded by [12]',
  ],
  ['another number', decision('superseded by [0011](./0012-b.md)'), LATER, 'has the status'],
  ['a file that does not exist', decision('superseded by [0013](./0013-c.md)'), LATER, 'has the status'],
  ['a status of another name', decision('rejected'), LATER, 'has the status "rejected"'],
  ['a day that does not exist', decision('accepted', 'Why.', '2026-11-31'), LATER, 'must begin with "# 1. <title>"'],
  ['a number in a link', decision('accepted', 'See [12](./0012-b.md).'), LATER, 'Write 0012'],
  ['another decision in a link', decision('accepted', 'See [decision 0011](./0012-b.md).'), LATER, 'Write 0012'],
  [
    'a later decision that does not name it',
    decision('superseded by [0012](./0012-b.md)'),
    LATER.replace('Supersedes [0001](./0001-a.md).', 'Why.'),
    '0012-b.md supersedes 0001-a.md, but does not name it',
  ],
])('refuses %s', (_, first, later, message) => {
  expect(() => rowsOf(first, later)).toThrow(message);
});
