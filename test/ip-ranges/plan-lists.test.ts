import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cidr, formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { type PrefixList, planLists } from '../../ip-ranges/planning/plan-lists.ts';
import { documentOf, targetOf } from './support.ts';

const target = (options: object = {}) =>
  targetOf({ vpcId: undefined, mode: 'prefix-list', cover: 'raw', families: ['IPv4'], ...options });
const cidrs = (texts: readonly string[]): Cidr[] => [...wantedRanges(documentOf(texts), target()).ranges];
const listOf = (own: readonly string[], more: Partial<PrefixList> = {}): PrefixList => ({
  id: 'pl-1',
  family: 'IPv4',
  maxEntries: Math.max(1, own.length),
  own: cidrs(own),
  foreign: [],
  sharedWith: [],
  ...more,
});
const many = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `198.51.${n + from}.0/24`);

describe('prefix lists', () => {
  it('hold after every call what they did and what is still wanted, in calls of a hundred, within their size', () => {
    const part = fc.record({ count: fc.nat(230), from: fc.nat(20) });
    fc.assert(
      fc.property(part, part, fc.array(fc.nat(250), { maxLength: 3 }), (old, now, people) => {
        const before = many(old.count, old.from);
        const wanted = many(now.count + 1, now.from);
        const foreign = [...new Set(people)].map((n) => `198.51.${n}.0/24`).filter((one) => !before.includes(one));
        const list = listOf(before, {
          foreign: cidrs(foreign),
          maxEntries: Math.max(1, before.length + foreign.length),
        });
        const { steps } = planLists(documentOf(wanted), { lists: [list] }, target(), { allowShrink: true });
        const entries = new Set([...before, ...foreign]);
        let { maxEntries } = list;
        for (const step of steps) {
          if (step.kind === 'resize-list') maxEntries = step.maxEntries;
          if (step.kind !== 'modify-list') continue;
          expect(Math.max(step.add.length, step.remove.length)).toBeLessThanOrEqual(100);
          for (const cidr of step.remove) expect(entries.delete(formatCidr(cidr))).toBe(true);
          for (const cidr of step.add) entries.add(formatCidr(cidr));
          expect(entries.size).toBeLessThanOrEqual(maxEntries);
          for (const one of before) if (wanted.includes(one)) expect(entries).toContain(one);
        }
        expect(entries).toEqual(new Set([...wanted, ...foreign]));
        const after = listOf([], {
          own: cidrs(wanted.filter((one) => !foreign.includes(one))),
          foreign: cidrs(foreign),
          maxEntries,
        });
        expect(planLists(documentOf(wanted), { lists: [after] }, target()).steps).toEqual([]);
      }),
    );
  });
  it('what is new is there before what goes is gone', () => {
    const { steps } = planLists(documentOf(many(150, 100)), { lists: [listOf(many(150))] }, target(), {
      allowShrink: true,
    });
    expect(
      steps.map((step) => ('add' in step ? [step.add.length, 'remove' in step ? step.remove.length : 0] : step.kind)),
    ).toEqual([[100, 100]]);
    const narrower = planLists(documentOf(many(240)), { lists: [listOf(['198.51.0.0/16'])] }, target(), {
      allowShrink: true,
    });
    expect(
      narrower.steps.map((step) => ('remove' in step ? [step.add.length, step.remove.length] : step.kind)),
    ).toEqual(['resize-list', [100, 0], [100, 0], [40, 1]]);
  });
  it('are shared with those who are missing, once', () => {
    const shareWith = ['444444444444', '555555555555'];
    const of = (sharedWith: string[]) =>
      planLists(documentOf(many(3)), { lists: [listOf(many(3), { sharedWith })] }, target({ shareWith })).steps;
    expect(of(['444444444444'])).toMatchObject([{ kind: 'share-list', principals: ['555555555555'] }]);
    expect(of(shareWith)).toEqual([]);
  });
  it('are as large as configured from the beginning', () => {
    const { steps } = planLists(documentOf(many(3)), { lists: [] }, target({ maxEntries: 100 }));
    expect(steps).toMatchObject([{ kind: 'create-list', maxEntries: 100 }]);
  });
  it('keep what they hold where the document is refused', () => {
    const planned = planLists(documentOf(many(3)), { lists: [listOf(many(30))] }, target());
    expect(planned).toMatchObject({ steps: [], refused: expect.stringContaining('takes away 90 %') });
  });
});
