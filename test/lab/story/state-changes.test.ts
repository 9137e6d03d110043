import { expect, it } from 'vitest';
import { stateChanges } from '../../../lab/story/state-changes.ts';

it.each<[what: string, before: unknown, after: unknown, lines: string[]]>([
  ['a value', { on: false }, { on: true }, ['- on: false', '+ on: true']],
  ['a member that stays', { on: true, days: 7 }, { on: true, days: 30 }, ['  on: true', '- days: 7', '+ days: 30']],
  ['a member that appears', {}, { days: 30 }, ['+ days: 30']],
  ['a member that disappears', { days: 30 }, {}, ['- days: 30']],
  ['elements of a list', { ports: [22, 443] }, { ports: [443, 80] }, ['  ports:', '-   22', '    443', '+   80']],
  ['the order of a list', { ports: [22, 443] }, { ports: [443, 22] }, ['  {"ports":[22,443]}']],
  ['another kind of value', 'open', null, ['- "open"', '+ null']],
])('shows %s', (_, before, after, lines) => {
  expect(stateChanges(before, after)).toEqual(lines);
});
