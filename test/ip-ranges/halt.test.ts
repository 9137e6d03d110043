/** While Suture is stopped, new ranges are let in and nothing is revoked. */
import { describe, expect, it } from 'vitest';
import { planLists } from '../../ip-ranges/planning/plan-lists.ts';
import { Model, ownRanges } from './model.ts';
import { documentOf, manyRanges, rangesTarget, run } from './support.ts';

describe('groups', () => {
  it('get new ranges and keep old, joined and duplicate ones until Suture is resumed', async () => {
    const model = new Model();
    await run(model, documentOf(['198.51.100.0/25', '203.0.113.0/24', ...manyRanges(4)]));
    const [group] = model.groups;
    model.groups.push({
      ...group!,
      id: 'sg-twice',
      name: 'AUTOUPDATE-2',
      rules: structuredClone(group!.rules.slice(0, 1)),
    });
    const calls = model.calls.length;
    const next = documentOf(['198.51.100.0/24', '192.0.2.0/24', ...manyRanges(4)]);
    await run(model, next, rangesTarget(), { halted: true });
    expect(new Set(model.calls.slice(calls).map(({ kind }) => kind))).toEqual(new Set(['authorize']));
    expect(ownRanges(model)).toEqual(expect.arrayContaining(['198.51.100.0/25', '203.0.113.0/24', '192.0.2.0/24']));
    await run(model, next);
    expect(ownRanges(model)).toEqual(['192.0.2.0/24', '198.51.100.0/24', ...manyRanges(4)].sort());
  });
  it('that are full get what fits, and the run names the rest', async () => {
    const model = new Model({ limits: { rules: 4, groups: 1 } });
    await run(model, documentOf(manyRanges(4)));
    model.attachTo('eni-1', [model.groups[0]!.id]);
    const stopped = run(model, documentOf(manyRanges(4, 10)), rangesTarget(), { halted: true, allowShrink: true });
    await expect(stopped).rejects.toThrow(/no room for 3 of 4 rules/);
    expect(ownRanges(model)).toEqual([...manyRanges(4), ...manyRanges(1, 10)].sort());
  });
});

describe('prefix lists', () => {
  it('keep their entries', () => {
    const target = rangesTarget({ vpcId: undefined, mode: 'prefix-list', families: ['IPv4'] });
    const held = planLists(documentOf(manyRanges(3)), { groups: [], rulesPerGroup: 60 }, target);
    const [create, modify] = held.steps as any[];
    const own = modify.add.map((rule: object, n: number) => ({ ...rule, id: `${n}` }));
    const list = { ...create.list, id: 'pl-1', maxEntries: 10, own };
    const options = { halted: true, allowShrink: true };
    const { steps } = planLists(documentOf(manyRanges(3, 2)), { groups: [list], rulesPerGroup: 60 }, target, options);
    expect(steps).toMatchObject([{ kind: 'modify-list', remove: [] }]);
    expect((steps[0] as any).add).toHaveLength(2);
  });
});
