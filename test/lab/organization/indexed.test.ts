import { expect, it } from 'vitest';
import { entriesOf } from '../../../lab/organization/indexed.ts';

type Entry = { readonly name?: string; readonly n: number };
const nameOf = ({ name }: Entry) => name;

it('finds the entries of a key in their order, those that came after the first search too', () => {
  const log: Entry[] = [{ name: 'a', n: 1 }, { name: 'b', n: 2 }, { n: 3 }];
  expect(entriesOf(log, nameOf, 'a')).toEqual([{ name: 'a', n: 1 }]);
  log.push({ name: 'a', n: 4 });
  expect(entriesOf(log, nameOf, 'a').map(({ n }) => n)).toEqual([1, 4]);
  expect(entriesOf(log, nameOf, 'c')).toEqual([]);
});

it('tells one key from another over the same log', () => {
  const log: Entry[] = [{ name: 'a', n: 1 }];
  const numberOf = ({ n }: Entry) => String(n);
  expect(entriesOf(log, nameOf, 'a')).toEqual(log);
  expect(entriesOf(log, numberOf, 'a')).toEqual([]);
  expect(entriesOf(log, numberOf, '1')).toEqual(log);
});

it('begins anew with a log that was emptied', () => {
  const log: Entry[] = [{ name: 'a', n: 1 }];
  entriesOf(log, nameOf, 'a');
  log.length = 0;
  log.push({ name: 'a', n: 2 }, { name: 'a', n: 3 });
  expect(entriesOf(log, nameOf, 'a').map(({ n }) => n)).toEqual([2, 3]);
});
