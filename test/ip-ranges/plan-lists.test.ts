import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cidr, formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { type Document, wantedRanges } from '../../ip-ranges/planning/document.ts';
import type { PlanOptions } from '../../ip-ranges/planning/plan.ts';
import { ENTRY, planLists, type RangeList } from '../../ip-ranges/planning/plan-lists.ts';
import type { IngressRule } from '../../ip-ranges/planning/state.ts';
import { documentOf, manyRanges, rangesTarget } from './support.ts';

const target = (options: object = {}) =>
  rangesTarget({ vpcId: undefined, mode: 'prefix-list', cover: 'raw', families: ['IPv4'], ...options });
const cidrs = (texts: readonly string[]): Cidr[] => [...wantedRanges(documentOf(texts), target()).ranges];
const entries = (texts: readonly string[]) => cidrs(texts).map((cidr) => ({ ...ENTRY, cidr, id: formatCidr(cidr) }));
const listOf = (own: readonly string[], more: Partial<RangeList> = {}): RangeList => ({
  id: 'pl-1',
  family: 'IPv4',
  maxEntries: Math.max(1, own.length),
  own: entries(own),
  foreign: [],
  foreignWeight: { IPv4: more.foreign?.length ?? 0, IPv6: 0 },
  sharedWith: [],
  users: [],
  ...more,
});
type Options = PlanOptions & { readonly rulesPerGroup?: number; of?: object };
const plan = (
  wanted: readonly string[] | Document,
  groups: readonly RangeList[],
  { rulesPerGroup = 1000, of, ...options }: Options = {},
) =>
  planLists('prefixes' in wanted ? wanted : documentOf(wanted), { groups, rulesPerGroup }, target(of), {
    allowShrink: true,
    ...options,
  });
const texts = (rules: readonly IngressRule[]) => rules.map(({ cidr }) => formatCidr(cidr));
const changes = ({ steps }: ReturnType<typeof plan>) =>
  steps.map((step) => (step.kind === 'modify-list' ? [step.add.length, step.remove.length] : step.kind));
const added = ({ steps }: ReturnType<typeof plan>) => steps.flatMap((step) => ('add' in step ? texts(step.add) : []));
const removed = ({ steps }: ReturnType<typeof plan>) =>
  steps.flatMap((step) => ('remove' in step ? texts(step.remove) : []));

/** Executes plans until one has no step, and returns the list. `each` gets the list of each plan before its removals. */
function converged(list: RangeList, wanted: readonly string[], each: (list: RangeList) => void): RangeList {
  let now = list;
  for (let round = 0; round < 10; round++) {
    const planned = plan(wanted, [now]);
    expect(planned.blocked).toEqual([]);
    if (planned.steps.length === 0) return now;
    const [resize] = planned.steps.flatMap((step) => (step.kind === 'resize-list' ? step.maxEntries : []));
    const own = [...texts(now.own), ...added(planned)];
    now = listOf(own, { foreign: now.foreign, maxEntries: resize ?? now.maxEntries });
    each(now);
    now = { ...now, own: now.own.filter(({ id }) => !removed(planned).includes(id)) };
  }
  throw new Error('never ends');
}

describe('prefix lists', () => {
  it('keep every entry that is still wanted after every call, within their size', () => {
    const part = fc.record({ count: fc.nat(230), from: fc.nat(20) });
    fc.assert(
      fc.property(part, part, fc.array(fc.nat(250), { maxLength: 3 }), (old, now, people) => {
        const before = manyRanges(old.count, old.from);
        const wanted = manyRanges(now.count + 1, now.from);
        const foreign = [...new Set(people)].map((n) => `198.51.${n}.0/24`).filter((one) => !before.includes(one));
        const maxEntries = Math.max(1, before.length + foreign.length);
        const after = converged(listOf(before, { foreign: entries(foreign), maxEntries }), wanted, (list) => {
          expect(list.own.length + foreign.length).toBeLessThanOrEqual(list.maxEntries);
          const held = texts([...list.own, ...list.foreign]);
          for (const one of before) if (wanted.includes(one)) expect(held).toContain(one);
        });
        expect(new Set(texts([...after.own, ...after.foreign]))).toEqual(new Set([...wanted, ...foreign]));
      }),
    );
  });
  it('that are full replace entries without a resize, if no wanted range depends on the old ones', () => {
    expect(changes(plan(manyRanges(150, 100), [listOf(manyRanges(150))]))).toEqual([[0, 100]]);
    const after = converged(listOf(manyRanges(150)), manyRanges(150, 100), ({ maxEntries }) =>
      expect(maxEntries).toBe(150),
    );
    expect(texts(after.own).toSorted()).toEqual(manyRanges(150, 100).toSorted());
  });
  it('remove an entry only after all its replacements are added', () => {
    const planned = plan(manyRanges(240), [listOf(['198.51.0.0/16'])]);
    expect(changes(planned)).toEqual(['resize-list', [240, 1]]);
    // As large as it must be beside the old entry, if a tenth more is not enough.
    const [tight] = plan(manyRanges(9), [listOf(['198.51.0.0/16'])], { rulesPerGroup: 10 }).steps;
    expect(tight).toMatchObject({ kind: 'resize-list', maxEntries: 10 });
  });
  it('are shared with each missing account, once', () => {
    const of = { shareWith: ['444444444444', '555555555555'] };
    const steps = (sharedWith: string[]) => plan(manyRanges(3), [listOf(manyRanges(3), { sharedWith })], { of }).steps;
    expect(steps(['444444444444'])).toMatchObject([{ kind: 'share-list', principals: ['555555555555'] }]);
    expect(steps(of.shareWith)).toEqual([]);
  });
  it('are created with the configured size, then shared', () => {
    const of = { maxEntries: 100, rulesPerGroup: 200, shareWith: ['444444444444'] };
    const { steps, figures } = plan(manyRanges(3), [], { of });
    expect(steps).toMatchObject([
      { kind: 'create-list', maxEntries: 100 },
      { kind: 'modify-list' },
      { kind: 'share-list' },
    ]);
    expect(figures).toEqual({ ranges: 3, groups: 1 });
  });
  it('are not created for a family that is not wanted', () => {
    expect(plan(manyRanges(3), [], { of: { families: ['IPv4', 'IPv6'] } }).steps.map(({ kind }) => kind)).toEqual([
      'create-list',
      'modify-list',
    ]);
  });
  it('lose all entries of a family that is no longer wanted', () => {
    expect(removed(plan([], [listOf(manyRanges(3))]))).toEqual(manyRanges(3));
  });
  it('keep their entries if the document is refused', () => {
    const planned = plan(manyRanges(3), [listOf(manyRanges(30))], { allowShrink: false });
    expect(planned).toMatchObject({ steps: [], refused: expect.stringContaining('takes away 90 %') });
  });

  describe('that are too small', () => {
    const limited = (groups: RangeList[], wanted: readonly string[], options: Options = {}) =>
      plan(wanted, groups, { rulesPerGroup: 60, allowShrink: false, ...options });

    const web = { group: 'sg-1 (web)', others: 7 };
    it('never grow beyond the rules that a group takes', () => {
      const planned = limited([listOf(manyRanges(50))], manyRanges(58));
      expect(planned.steps).toMatchObject([{ kind: 'resize-list', maxEntries: 60 }, { kind: 'modify-list' }]);
      expect(planned.blocked).toEqual([]);
    });
    it.each<[what: string, count: number, rulesPerGroup: number, says: RegExp]>([
      ['more than a group takes', 61, 60, /room for 61, more than the 60 rules that a group takes/],
      ['more than 1,000 entries', 1001, 2000, /room for 1001, more than the 1000 that AWS takes/],
    ])('are named in the plan as blocked: %s', (_, count, rulesPerGroup, says) => {
      const wanted = Array.from({ length: count }, (_, n) => `198.${n >> 8}.${n & 255}.0/24`);
      const planned = limited([], wanted, { rulesPerGroup });
      expect([planned.steps, planned.blocked]).toEqual([[], [expect.stringMatching(says)]]);
      expect(planned.blocked[0]).toMatch(/^a list of IPv4 would need/);
      const held = listOf(wanted.slice(0, 50), { maxEntries: 55 });
      const grown = limited([held], wanted, { rulesPerGroup });
      expect(grown.blocked).toEqual([expect.stringMatching(says)]);
      expect(grown.blocked[0]).toMatch(/^the IPv4 list pl-1, which is for 55 entries, would need/);
      // Adds what fits.
      expect(added(grown)).toHaveLength(Math.min(1000, rulesPerGroup) - 50);
    });
    it('are resized to a tenth more than they need', () => {
      const planned = limited([listOf(manyRanges(50))], manyRanges(60), { rulesPerGroup: 200 });
      expect(planned.steps[0]).toMatchObject({ kind: 'resize-list', maxEntries: 66 });
    });
    it('are filled even if the groups that name them no longer have room for their size', () => {
      const planned = limited(
        [listOf(manyRanges(30), { maxEntries: 50, users: [{ ...web, others: 20 }] })],
        manyRanges(55),
      );
      expect([changes(planned), planned.blocked.length]).toEqual([[[20, 0]], 1]);
    });
    it('are resized to what the groups that name them have room for', () => {
      const list = listOf(manyRanges(50), { maxEntries: 50, users: [web, { group: 'sg-2 (mail)', others: 4 }] });
      const planned = limited([list], manyRanges(56));
      expect(planned.steps).toMatchObject([{ kind: 'resize-list', maxEntries: 53 }, { kind: 'modify-list' }]);
      expect(added(planned)).toEqual(manyRanges(53).slice(50));
      expect(planned.blocked).toEqual([
        expect.stringMatching(
          /3 of them are not in it: 198.51.53.0\/24.*of at most 60 rules, sg-1 \(web\) has 7 other rules:/,
        ),
      ]);
      expect(limited([list], manyRanges(58)).blocked[0]).toMatch(
        /sg-1 \(web\) has 7 other rules, sg-2 \(mail\) has 4 other rules/,
      );
    });
    it.each([60, 1000])('name the groups whose other rules leave no room for %i entries', (count) => {
      const wanted = Array.from({ length: count }, (_, n) => `198.${n >> 8}.${n & 255}.0/24`);
      const list = listOf(manyRanges(50), { users: [{ ...web, others: 1 }] });
      expect(limited([list], wanted, { rulesPerGroup: count, allowShrink: true }).blocked).toEqual([
        expect.stringMatching(/for which the groups that name it have no room, .*sg-1 \(web\) has 1 other rules/),
      ]);
    });
    it('take what fits into the old size, and lose only entries that no wanted range depends on', () => {
      const list = listOf(['198.51.0.0/16', ...manyRanges(4, 200)], { maxEntries: 5, users: [{ ...web, others: 55 }] });
      const first = limited([list], manyRanges(6), { allowShrink: true });
      expect([added(first), removed(first)]).toEqual([[], manyRanges(4, 200)]);
      const second = limited([{ ...list, own: list.own.slice(0, 1) }], manyRanges(6), { allowShrink: true });
      expect([added(second), removed(second)]).toEqual([manyRanges(4), []]);
      for (const { blocked } of [first, second])
        expect(blocked).toEqual([
          expect.stringMatching(/need room for 6, .*2 of them are not in it: 198.51.4.0\/24, 198.51.5.0\/24/),
        ]);
    });
    it('are not resized a second time in a run, and the plan mentions groups of other accounts', () => {
      const planned = limited([listOf(manyRanges(50), { isFixed: true })], manyRanges(56));
      expect(planned.steps).toEqual([]);
      expect(planned.blocked).toEqual([
        expect.stringMatching(/groups of the accounts that share it have too many others/),
      ]);
    });
  });
  it('keep old entries of a family that shrinks too much, and add new ones', () => {
    const planned = plan([...manyRanges(3), '203.0.113.0/24'], [listOf(manyRanges(30))], {
      allowShrink: false,
      rulesPerGroup: 60,
    });
    expect(planned.refused).toMatch(/takes away 90 % of the IPv4 ranges \(27 of 30\)/);
    expect(planned.steps).toMatchObject([
      { kind: 'resize-list' },
      { kind: 'modify-list', add: [{ cidr: { bits: expect.stringMatching(/^.{24}$/) } }], remove: [] },
    ]);
  });
});
