import fc from 'fast-check';
import { expect, it } from 'vitest';
import { table, tabSeparated } from '../../../cli/output/terminal.ts';
import { writable } from '../../../cli/output/writable.ts';

const INVISIBLE = /(?![\t\n]|\r\n)[\p{Cc}\p{Cf}\p{Cs}]|[\u2028\u2029]/u;
const anyText = fc.string({ unit: 'binary' });

it('writes no character that a terminal acts upon', () => {
  fc.assert(fc.property(anyText, (text) => void expect(writable(text)).not.toMatch(INVISIBLE)));
  expect(writable('a\u001b[2J\u202e\u009b')).toBe('a\\u001b[2J\\u202e\\u009b');
});
it('leaves JSON exact', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify({ value, hostile: '\u001b[8m\u202e\u009b\u{e0041}\u2028' }, null, 2);
      expect(JSON.parse(writable(text))).toEqual(JSON.parse(text));
    }),
  );
});
it('keeps the line ends of CSV, but no carriage return that lets a line overwrite another', () => {
  expect(writable('"a"\r\n"b"\r\n')).toBe('"a"\r\n"b"\r\n');
  expect(writable('safe\rother')).toBe('safe\\u000dother');
});
it('keeps lines, tabs and what people write', () => {
  expect(writable('a\tb\nGröße 😀')).toBe('a\tb\nGröße 😀');
});
it('lets no spreadsheet calculate', () => {
  expect(tabSeparated([['=1+1', '-', '+a', 'b']])).toBe("'=1+1\t-\t'+a\tb");
  expect(table(['x'], [['=1+1']])).toContain('=1+1');
});
