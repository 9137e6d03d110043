import { describe, expect, it } from 'vitest';
import { jsonDiff } from '../../../cli/output/json-diff.ts';

const text = (before: unknown, after: unknown) =>
  jsonDiff(before, after).map(({ kind, text }) => `${{ same: ' ', before: '-', after: '+', gap: '~' }[kind]}${text}`);

describe('the difference of two values', () => {
  it('is nothing for equal ones, in whatever order their members stand', () => {
    expect(text({ a: 1, b: [2] }, { b: [2], a: 1 })).toEqual([]);
    expect(text(undefined, undefined)).toEqual([]);
  });
  it('has the lines that differ, with two lines beside them', () => {
    const before = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 };
    expect(text(before, { ...before, f: 7 })).toEqual([
      '~… 4 equal lines',
      '   "d": 4,',
      '   "e": 5,',
      '-  "f": 6',
      '+  "f": 7',
      ' }',
    ]);
  });
  it('shows what is only in one of them', () => {
    expect(text(undefined, { a: 1 })).toEqual(['+{', '+  "a": 1', '+}']);
    expect(text([1, 2, 3], [1, 3])).toEqual([' [', '   1,', '-  2,', '   3', ' ]']);
  });
  it('shows an element of a list whole, on its own line', () => {
    const rule = (from: number) => ({ cidr: '0.0.0.0/0', from, protocol: 'tcp', to: from });
    expect(text({ rules: [rule(22), rule(443)] }, { rules: [rule(443)] })).toEqual([
      ' {',
      '   "rules": [',
      '-    { "cidr": "0.0.0.0/0", "from": 22, "protocol": "tcp", "to": 22 },',
      '     { "cidr": "0.0.0.0/0", "from": 443, "protocol": "tcp", "to": 443 }',
      '   ]',
      ' }',
    ]);
    const long = { name: 'a'.repeat(200) };
    expect(text([], [long])).toContain(`+    "name": "${'a'.repeat(200)}"`);
  });
  it('keeps a text that looks like JSON', () => {
    const [, , element] = jsonDiff([], [{ a: '}, {\n  "b": [', b: 'c,\n  {' }]);
    expect(JSON.parse(element!.text)).toEqual({ a: '}, {\n  "b": [', b: 'c,\n  {' });
  });
  it('leaves an element as it is that was the last one, or becomes it', () => {
    expect(text(['a'], ['a', 'b'])).toEqual([' [', '   "a",', '+  "b"', ' ]']);
    expect(text({ a: [1], b: 2 }, { a: [1] })).toEqual(['~… 2 equal lines', '     1', '   ]', '-  "b": 2', ' }']);
  });
  it('has a line for a member that an object without members gets or loses', () => {
    expect(text({}, { days: 365 })).toEqual([' {', '+  "days": 365', ' }']);
    expect(text({ days: 365 }, {})).toEqual([' {', '-  "days": 365', ' }']);
  });
  it('ends for large values', () => {
    const large = (first: number) => Array.from({ length: 3000 }, (_, n) => n + first);
    expect(jsonDiff(large(0), large(1)).length).toBeGreaterThan(2);
  });
});
