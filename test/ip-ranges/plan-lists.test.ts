import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cidr, formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { planLists, type RangeList } from '../../ip-ranges/planning/plan-lists.ts';
import { documentOf, targetOf } from './support.ts';

const target = (options: object = {}) =>
  targetOf({ vpcId: undefined, mode: 'prefix-list', cover: 'raw', families: ['IPv4'], ...options });
const cidrs = (texts: readonly string[]): Cidr[] => [...wantedRanges(documentOf(texts), target()).ranges];
const listOf = (own: readonly string[], more: Partial<RangeList> = {}): RangeList => ({
  id: 'pl-1',
  family: 'IPv4',
  maxEntries: Math.max(1, own.length),
  own: cidrs(own),
  foreign: [],
  sharedWith: [],
  users: [],
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
        const { steps } = planLists(documentOf(wanted), { lists: [list], rulesPerGroup: 1000 }, target(), {
          allowShrink: true,
        });
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
        expect(planLists(documentOf(wanted), { lists: [after], rulesPerGroup: 1000 }, target()).steps).toEqual([]);
      }),
    );
  });
  it('what is new is there before what goes is gone', () => {
    const { steps } = planLists(
      documentOf(many(150, 100)),
      { lists: [listOf(many(150))], rulesPerGroup: 1000 },
      target(),
      {
        allowShrink: true,
      },
    );
    expect(
      steps.map((step) => ('add' in step ? [step.add.length, 'remove' in step ? step.remove.length : 0] : step.kind)),
    ).toEqual([[100, 100]]);
    const narrower = planLists(
      documentOf(many(240)),
      { lists: [listOf(['198.51.0.0/16'])], rulesPerGroup: 1000 },
      target(),
      {
        allowShrink: true,
      },
    );
    expect(
      narrower.steps.map((step) => ('remove' in step ? [step.add.length, step.remove.length] : step.kind)),
    ).toEqual(['resize-list', [100, 0], [100, 0], [40, 1]]);
  });
  it('are shared with those who are missing, once', () => {
    const shareWith = ['444444444444', '555555555555'];
    const of = (sharedWith: string[]) =>
      planLists(
        documentOf(many(3)),
        { lists: [listOf(many(3), { sharedWith })], rulesPerGroup: 1000 },
        target({ shareWith }),
      ).steps;
    expect(of(['444444444444'])).toMatchObject([{ kind: 'share-list', principals: ['555555555555'] }]);
    expect(of(shareWith)).toEqual([]);
  });
  it('are as large as configured from the beginning', () => {
    const { steps } = planLists(
      documentOf(many(3)),
      { lists: [], rulesPerGroup: 1000 },
      target({ maxEntries: 100, rulesPerGroup: 200 }),
    );
    expect(steps).toMatchObject([{ kind: 'create-list', maxEntries: 100 }]);
  });
  it('keep what they hold where the document is refused', () => {
    const planned = planLists(documentOf(many(3)), { lists: [listOf(many(30))], rulesPerGroup: 1000 }, target());
    expect(planned).toMatchObject({ steps: [], refused: expect.stringContaining('takes away 90 %') });
  });

  describe('that are too small', () => {
    const limited = (lists: RangeList[], wanted: readonly string[], rulesPerGroup = 60, learned = new Set<'IPv4'>()) =>
      planLists(documentOf(wanted), { lists, rulesPerGroup }, target(), { learned });
    const added = ({ steps }: ReturnType<typeof limited>) =>
      steps.flatMap((step) => ('add' in step ? step.add.map(formatCidr) : []));

    it('are never made larger than a group takes', () => {
      const planned = limited([listOf(many(50))], many(58));
      expect(planned.steps).toMatchObject([{ kind: 'resize-list', maxEntries: 60 }, { kind: 'modify-list' }]);
      expect(planned.blocked).toEqual([]);
    });
    it.each<[what: string, count: number, rulesPerGroup: number, says: RegExp]>([
      ['more than a group takes', 61, 60, /room for 61, more than the 60 rules that a group takes/],
      ['more than 1,000 entries', 1001, 2000, /room for 1001, more than the 1000 that AWS takes/],
    ])('are refused in the plan: %s', (_, count, rulesPerGroup, says) => {
      const wanted = Array.from({ length: count }, (_, n) => `198.${n >> 8}.${n & 255}.0/24`);
      const planned = limited([], wanted, rulesPerGroup);
      expect([planned.steps, planned.blocked]).toEqual([[], [expect.stringMatching(says)]]);
      const held = listOf(wanted.slice(0, 50), { maxEntries: 55 });
      const grown = limited([held], wanted, rulesPerGroup);
      expect(grown.blocked).toEqual([expect.stringMatching(says)]);
      // Adds what fits.
      expect(added(grown)).toHaveLength(Math.min(1000, rulesPerGroup) - 50);
    });
    const web = { group: 'sg-1 (web)', others: 7 };
    it('are resized to what the groups that name them take', () => {
      const list = listOf(many(50), { maxEntries: 50, users: [web, { group: 'sg-2 (mail)', others: 3 }] });
      const planned = limited([list], many(56));
      expect(planned.steps).toMatchObject([{ kind: 'resize-list', maxEntries: 53 }, { kind: 'modify-list' }]);
      expect(added(planned)).toEqual(many(53).slice(50));
      expect(planned.blocked).toEqual([
        expect.stringMatching(
          /3 of them are not in it: 198.51.53.0\/24.*of at most 60 rules, sg-1 \(web\) has 7 other rules:/,
        ),
      ]);
      expect(limited([list], many(58)).blocked[0]).toMatch(
        /sg-1 \(web\) has 7 other rules, sg-2 \(mail\) has 3 other rules/,
      );
    });
    it('take what fits into the old size, and lose only what nothing wanted depends on', () => {
      const list = listOf(['198.51.0.0/16', ...many(4, 200)], { maxEntries: 5, users: [{ ...web, others: 55 }] });
      const planned = planLists(documentOf(many(6)), { lists: [list], rulesPerGroup: 60 }, target(), {
        allowShrink: true,
      });
      expect(added(planned)).toEqual(many(4));
      expect(planned.steps.flatMap((step) => ('remove' in step ? step.remove.map(formatCidr) : []))).toEqual(
        many(4, 200),
      );
      expect(planned.blocked).toEqual([
        expect.stringMatching(/2 of them are not in it: 198.51.4.0\/24, 198.51.5.0\/24/),
      ]);
    });
    it('are not resized a second time in a run, and groups of other accounts are said', () => {
      const planned = limited([listOf(many(50))], many(56), 60, new Set<'IPv4'>(['IPv4']));
      expect(planned.steps).toEqual([]);
      expect(planned.blocked).toEqual([
        expect.stringMatching(/groups of the accounts that share it have too many others/),
      ]);
    });
  });
  it('withhold what goes of a family that shrinks too much, and take what is new', () => {
    const planned = planLists(
      documentOf([...many(3), '203.0.113.0/24']),
      { lists: [listOf(many(30))], rulesPerGroup: 60 },
      target(),
    );
    expect(planned.refused).toMatch(/takes away 90 % of the IPv4 ranges \(27 of 30\)/);
    expect(planned.steps).toMatchObject([
      { kind: 'resize-list' },
      { kind: 'modify-list', add: [{ length: 24 }], remove: [] },
    ]);
  });
});
