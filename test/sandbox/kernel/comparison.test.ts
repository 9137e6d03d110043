import { describe, expect, it } from 'vitest';
import { generated, stateDifferences } from '../../../sandbox/kernel/comparison.ts';
import { copyOf } from '../../../sandbox/kernel/copy.ts';

const differencesOf = (from: unknown, to: unknown) =>
  stateDifferences(from, to).map(({ path, from: before, to: after }) => [path.join('.'), before, after]);

describe('two states', () => {
  it('differ by the members of maps and objects that were changed, added or removed', () => {
    const from = { groups: new Map([['sg-1', { name: 'web', tags: { a: '1' } }]]), on: false };
    const to = { groups: new Map([['sg-1', { name: 'web', tags: { a: '2', b: '3' } }]]), on: true };
    expect(differencesOf(from, to)).toEqual([
      ['groups.sg-1.tags.a', '1', '2'],
      ['groups.sg-1.tags.b', undefined, '3'],
      ['on', false, true],
    ]);
    expect(differencesOf(new Map([['k', 1]]), new Map())).toEqual([['k', 1, undefined]]);
  });

  it.each([
    ['the order of members', { a: 1, b: 2 }, { b: 2, a: 1 }],
    [
      'the order of a map',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['the order of a set', new Set(['a', 'b']), new Set(['b', 'a'])],
    ['a member that is absent or undefined', { a: 1 }, { a: 1, b: undefined }],
    ['another object with the same date', { at: new Date(1) }, { at: new Date(1) }],
    ['other bytes with the same content', Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  ])('do not differ by %s', (_, from, to) => {
    expect(differencesOf(from, to)).toEqual([]);
  });

  it.each([
    ['the order of a list', ['a', 'b'], ['b', 'a']],
    ['a date', new Date(1), new Date(2)],
    ['a byte', Uint8Array.of(1), Uint8Array.of(2)],
    ['an empty record', { policy: {} }, {}],
    ['null', { a: null }, { a: undefined }],
    ['a type', { a: '1' }, { a: 1 }],
    ['a member with the name __proto__', JSON.parse('{"__proto__":{"a":1}}'), {}],
  ])('differ by %s', (_, from, to) => {
    expect(differencesOf(from, to).length).toBeGreaterThan(0);
  });

  it('differ by the elements that a list or set has lost and gained', () => {
    expect(differencesOf({ ids: ['a', 'b', 'b'] }, { ids: ['b', 'a'] })).toEqual([['ids[]', 'b', undefined]]);
    expect(differencesOf({ ids: new Set(['a']) }, { ids: new Set(['b']) })).toEqual([
      ['ids[]', 'a', undefined],
      ['ids[]', undefined, 'b'],
    ]);
  });

  it('mark values that AWS generated, also if one of them is absent', () => {
    const isGenerated = (from: unknown, to: unknown) => stateDifferences({ id: from }, { id: to })[0]?.isGenerated;
    expect(isGenerated(generated(1), generated(2))).toBe(true);
    expect(isGenerated(generated(1), undefined)).toBe(true);
    expect(isGenerated(generated(1), generated(1))).toBeUndefined();
    expect(isGenerated(1, 2)).toBe(false);
    expect(isGenerated(generated(1), 2)).toBe(false);
    const rule = (id: string, description: string) => ({ id: generated(id), description });
    expect(stateDifferences(new Set([rule('a', 'x')]), new Set([rule('b', 'x')]))).toEqual([]);
    expect(stateDifferences(new Set([rule('a', 'x')]), new Set([rule('b', 'y')]))).toHaveLength(2);
  });
});

describe('a copy', () => {
  it('is equal, and shares nothing that can be changed', () => {
    const shared = { tags: new Map([['a', new Set(['b'])]]) };
    const state = {
      one: shared,
      other: shared,
      at: new Date(1),
      list: [{ a: 1 }],
      bytes: Uint8Array.of(1),
      none: null,
    };
    const copy = copyOf(state);
    expect(copy).toEqual(state);
    expect(copy.one).toBe(copy.other);
    copy.one.tags.get('a')!.add('c');
    copy.at.setTime(2);
    copy.list[0]!.a = 2;
    copy.bytes[0] = 2;
    expect(state).toEqual({ ...state, at: new Date(1), list: [{ a: 1 }], bytes: Uint8Array.of(1) });
    expect(shared.tags.get('a')).toEqual(new Set(['b']));
  });

  it('has a member __proto__ like any other', () => {
    const copy = copyOf(JSON.parse('{"__proto__":{"a":1}}'));
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect(copy.a).toBeUndefined();
  });
});
