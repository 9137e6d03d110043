import { expect, it } from 'vitest';
import { entriesWithKey } from '../../../lab/organization/log-index.ts';

type Entry = { readonly name?: string; readonly n: number };
const nameOf = ({ name }: Entry) => name;

it('finds the entries of a key in their order, later ones included', () => {
  const log: Entry[] = [{ name: 'a', n: 1 }, { name: 'b', n: 2 }, { n: 3 }];
  expect(entriesWithKey(log, nameOf, 'a')).toEqual([{ name: 'a', n: 1 }]);
  log.push({ name: 'a', n: 4 });
  expect(entriesWithKey(log, nameOf, 'a').map(({ n }) => n)).toEqual([1, 4]);
  expect(entriesWithKey(log, nameOf, 'c')).toEqual([]);
});

it('keeps an index for each function that derives a key', () => {
  const log: Entry[] = [{ name: 'a', n: 1 }];
  const numberOf = ({ n }: Entry) => String(n);
  expect(entriesWithKey(log, nameOf, 'a')).toEqual(log);
  expect(entriesWithKey(log, numberOf, 'a')).toEqual([]);
  expect(entriesWithKey(log, numberOf, '1')).toEqual(log);
});

it('starts again with a log that was emptied', () => {
  const log: Entry[] = [{ name: 'a', n: 1 }];
  entriesWithKey(log, nameOf, 'a');
  log.length = 0;
  log.push({ name: 'a', n: 2 }, { name: 'a', n: 3 });
  expect(entriesWithKey(log, nameOf, 'a').map(({ n }) => n)).toEqual([2, 3]);
});
