/** Groups that interfaces and load balancers have, over groups in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { planGroups } from '../../ip-ranges/planning/plan.ts';
import type { GroupStep } from '../../ip-ranges/planning/state.ts';
import { Model, ownRanges } from './model.ts';
import { RAW_TARGET, ruleOf, scatteredRanges, sizesOf } from './range-samples.ts';
import { documentOf, run } from './support.ts';

const kinds = (steps: readonly GroupStep[]) => steps.map(({ kind }) => kind);
let model: Model;
beforeEach(() => {
  model = new Model();
});

describe('groups that are attached', () => {
  const full = (kind: 'interface' | 'balancer' = 'interface') => {
    const [first] = model.groups;
    model.attachTo('eni-full', [first!.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d'], kind);
  };
  it('to a full interface get the rules that fit and nothing else, and the error names the rest', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    full();
    await expect(run(model, documentOf(scatteredRanges(70)), RAW_TARGET)).rejects.toMatchObject({
      name: 'TargetBlocked',
      message: expect.stringMatching(
        /no room for 10 of 70 rules, 443\/tcp from 198\..* and 5 more.*eni-full has .* makes 6 of at most 5 groups.*prefix list mode/,
      ),
    });
    expect(sizesOf(model)).toEqual([60]);
    expect(kinds(model.calls)).toEqual(['create', 'seal', 'authorize', 'authorize']);
    model.calls.length = 0;
    await expect(run(model, documentOf(scatteredRanges(70)), RAW_TARGET)).rejects.toThrow(/no room for 10 of 70 rules/);
    expect(model.calls).toEqual([]);
  });
  it('to a full interface lose stale rules first, to make room', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    full();
    await run(model, documentOf(scatteredRanges(60, 10)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([60]);
    expect(ownRanges(model)).toEqual(scatteredRanges(60, 10).sort());
  });
  it('to a full interface keep a stale rule while its replacements have no room', async () => {
    model = new Model({ limits: { rules: 4, groups: 5 } });
    await run(model, documentOf(['198.0.0.0/16', ...scatteredRanges(2, 1)]), RAW_TARGET);
    full();
    const halves = ['198.0.0.0/18', '198.0.64.0/18', '198.0.128.0/18', '198.0.192.0/18'];
    await expect(run(model, documentOf([...halves, ...scatteredRanges(2, 1)]), RAW_TARGET)).rejects.toThrow(
      /no room for 3 of 6 rules/,
    );
    expect(ownRanges(model)).toContain('198.0.0.0/16');
    expect(sizesOf(model)).toEqual([4]);
  });
  it('to a full interface also use their last tenth', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    full();
    await run(model, documentOf(scatteredRanges(59)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([59]);
  });
  it.each([
    ['interface', 16, 16],
    ['balancer', 16, 5],
    ['balancer', 3, 3],
  ] as const)('to a network %s are, if the quota of interfaces is %i, at most %i', async (kind, groups, most) => {
    model = new Model({ limits: { rules: 60, groups } });
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    const people = Array.from({ length: most - 2 }, (_, n) => `sg-${n}`);
    model.attachTo('point', [model.groups[0]!.id, ...people], kind);
    await run(model, documentOf(scatteredRanges(100)), RAW_TARGET);
    expect(model.points[0]!.groups).toHaveLength(most);
    const more = run(model, documentOf(scatteredRanges(160)), RAW_TARGET);
    await expect(more).rejects.toThrow(`makes ${most + 1} of at most ${most} groups`);
  });
  describe('an interface with room for one group more', () => {
    beforeEach(async () => {
      model = new Model({ limits: { rules: 60, groups: 3 } });
      await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
      model.attachTo('eni-1', [model.groups[0]!.id, 'sg-people']);
    });
    it('gets the existing group that holds rules, and no new group', async () => {
      const held = model.add({ name: 'AUTOUPDATE-2' });
      model.allow(held, [ruleOf('203.0.113.0/24')], true);
      const document = documentOf([...scatteredRanges(150), '203.0.113.0/24']);
      await expect(run(model, document, RAW_TARGET)).rejects.toThrow(/no room for 31 of 151 rules/);
      expect([model.groups.length, model.points[0]!.groups.at(-1)]).toEqual([2, held.id]);
    });
    it('gets an existing empty group before a new one is created', async () => {
      const empty = model.add({ name: 'AUTOUPDATE-2' });
      const { blocked } = planGroups(documentOf(scatteredRanges(100)), await model.read(), RAW_TARGET);
      await run(model, documentOf(scatteredRanges(100)), RAW_TARGET);
      expect([blocked, model.groups.length, model.points[0]!.groups.at(-1)]).toEqual([[], 2, empty.id]);
    });
  });
  it('of two groups that hold a rule, the one on every interface keeps it', async () => {
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    const [everywhere] = model.groups;
    const other = model.add({ name: 'AUTOUPDATE-2' });
    model.allow(other, [ruleOf('198.0.0.0/24')], true);
    model.attachTo('eni-full', [everywhere!.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d']);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([3, 0]);
  });
  const managed = () =>
    model.points.push({
      kind: 'interface',
      id: 'eni-lambda',
      groups: [model.groups[0]!.id],
      fixed: 'a service manages it',
    });
  it('an interface that a service manages is named in the error', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    managed();
    await expect(run(model, documentOf(scatteredRanges(70)), RAW_TARGET)).rejects.toThrow(
      /eni-lambda has .* but a service manages it/,
    );
    expect(sizesOf(model)).toEqual([60]);
  });
  it('an interface that lacks a group blocks neither the group on every interface nor the other interfaces', async () => {
    await run(model, documentOf(scatteredRanges(100)), RAW_TARGET);
    managed();
    model.attachTo('eni-1', [model.groups[1]!.id]);
    const document = documentOf([...scatteredRanges(103), '203.0.113.0/24']);
    await expect(run(model, document, RAW_TARGET)).rejects.toThrow(
      /eni-lambda has .* needs .* but a service manages it/,
    );
    // The first group is everywhere and takes six; the second is not on the interface of the service.
    expect(sizesOf(model)).toEqual([58, 46]);
    expect(model.points[1]!.groups.toSorted()).toEqual(model.groups.map(({ id }) => id).sort());
    await expect(run(model, documentOf(scatteredRanges(150)), RAW_TARGET)).rejects.toThrow(
      /no room for \d+ of 150 rules/,
    );
    expect(sizesOf(model)).toEqual([60, 46]);
    // Stale rules of the second one are revoked nevertheless.
    await run(model, documentOf(scatteredRanges(40)), RAW_TARGET, { allowShrink: true });
    expect(ownRanges(model)).toEqual(scatteredRanges(40).sort());
  });
  it('a rule is kept if its replacement is in a group that an interface lacks', async () => {
    model = new Model({ limits: { rules: 60, groups: 2 } });
    const [first, second] = [model.add({ name: 'AUTOUPDATE-1' }), model.add({ name: 'AUTOUPDATE-2' })];
    model.allow(first, [ruleOf('198.0.0.0/17')], true);
    model.allow(second, [ruleOf('198.0.0.0/16')], true);
    model.attachTo('eni-1', [first.id, 'sg-people']);
    model.attachTo('eni-2', [first.id, second.id]);
    await expect(run(model, documentOf(['198.0.0.0/16']), RAW_TARGET)).rejects.toThrow(
      /eni-1 has .* makes 3 of at most 2/,
    );
    expect(ownRanges(model)).toEqual(['198.0.0.0/16', '198.0.0.0/17']);
  });
  it('a new group is filled and attached before anything is revoked', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    model.attachTo('eni-1', [model.groups[0]!.id]);
    model.calls.length = 0;
    await run(model, documentOf(scatteredRanges(60, 10)), RAW_TARGET);
    expect(kinds(model.calls)).toEqual(['create', 'seal', 'authorize', 'authorize', 'attach', 'revoke']);
  });
  it('a new interface with one of the groups gets the others', async () => {
    await run(model, documentOf(scatteredRanges(100)), RAW_TARGET);
    model.attachTo('eni-later', [model.groups[1]!.id, 'sg-people']);
    await run(model, documentOf(scatteredRanges(100)), RAW_TARGET);
    expect(model.points[0]!.groups.toSorted()).toEqual([...model.groups.map(({ id }) => id), 'sg-people'].sort());
  });
  it('a new interface with one of the groups still lets the other groups take rules, so that no new group is created', async () => {
    model = new Model({ limits: { rules: 60, groups: 3 } });
    const [, roomy, filled] = ['AUTOUPDATE-1', 'AUTOUPDATE-2', 'AUTOUPDATE-3'].map((name) => model.add({ name }));
    for (const [group, texts] of [
      [roomy, scatteredRanges(46)],
      [filled, scatteredRanges(54, 46)],
    ] as const)
      model.allow(
        group!,
        texts.map((text) => ruleOf(text)),
        true,
      );
    model.attachTo('eni-later', [filled!.id, 'sg-people']);
    await run(model, documentOf(scatteredRanges(103)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([0, 49, 54]);
    expect(kinds(model.calls)).toEqual(['authorize', 'attach']);
  });
  it('an interface over its limit of groups gets none', async () => {
    await run(model, documentOf(scatteredRanges(150)), RAW_TARGET);
    model.attachTo('eni-1', [model.groups[0]!.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d', 'sg-e']);
    model.attachTo(
      'eni-2',
      model.groups.map(({ id }) => id),
    );
    model.add({ name: 'AUTOUPDATE-4' });
    model.calls.length = 0;
    await expect(run(model, documentOf(scatteredRanges(150)), RAW_TARGET)).rejects.toThrow(
      /makes 8 of at most 5 groups/,
    );
    expect(model.calls).toEqual([]);
    const before = model.groups.length;
    await expect(run(model, documentOf(scatteredRanges(190)), RAW_TARGET)).rejects.toThrow(
      /makes \d+ of at most 5 groups/,
    );
    expect(model.groups).toHaveLength(before);
  });
  it('with rules of people are not attached to an interface that lacks them', async () => {
    await run(model, documentOf(scatteredRanges(100)), RAW_TARGET);
    model.allow(model.groups[0]!, [ruleOf('203.0.113.7/32', 22)], false);
    model.attachTo('eni-1', [model.groups[1]!.id]);
    await expect(run(model, documentOf(scatteredRanges(101)), RAW_TARGET)).rejects.toThrow(
      /has rules of people, which it would get with it/,
    );
    expect(model.points[0]!.groups).toHaveLength(1);
    expect(ownRanges(model)).toEqual(scatteredRanges(101).sort());
  });
  it('rules go into a new group, not into one that cannot be attached everywhere', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    const [first] = model.groups;
    model.allow(first!, [ruleOf('203.0.113.7/32', 22)], false);
    const people = model.add({ name: 'AUTOUPDATE-2', created: false });
    model.allow(people, [ruleOf('203.0.113.7/32', 22)], false);
    model.attachTo('eni-1', [first!.id]);
    model.attachTo('eni-2', [model.add({ name: 'AUTOUPDATE-3' }).id]);
    model.points[1]!.groups.push('sg-people');
    await expect(run(model, documentOf(scatteredRanges(110)), RAW_TARGET)).rejects.toThrow(
      /eni-2 has .* rules of people/,
    );
    expect(first!.rules).toHaveLength(51);
    expect(people.rules).toHaveLength(1);
    expect(ownRanges(model)).toEqual(scatteredRanges(110).sort());
  });
  it('an empty group that a full interface lacks takes nothing', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    const empty = model.add({ name: 'AUTOUPDATE-2' });
    full();
    await expect(run(model, documentOf(scatteredRanges(70)), RAW_TARGET)).rejects.toThrow(/no room for 10 of 70 rules/);
    expect(empty.rules).toEqual([]);
  });
  it('a full interface does not block rules that have room after the next revocation', async () => {
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    full();
    await run(model, documentOf(scatteredRanges(60)), RAW_TARGET);
    const { blocked, steps } = planGroups(documentOf(scatteredRanges(60, 20)), await model.read(), RAW_TARGET);
    expect([blocked, kinds(steps)]).toEqual([[], ['revoke']]);
  });
  it('to a full interface get the replacements of stale rules first, so that everything fits', async () => {
    model = new Model({ limits: { rules: 4, groups: 5 } });
    await run(model, documentOf(['198.9.0.0/25', '198.9.0.128/25', '198.7.0.0/24']), RAW_TARGET);
    full();
    await run(model, documentOf(['198.1.0.0/24', '198.7.0.0/24', '198.9.0.0/24']), RAW_TARGET);
    expect(ownRanges(model)).toEqual(['198.1.0.0/24', '198.7.0.0/24', '198.9.0.0/24']);
  });
  it('to a full interface get a joined range before a split one, so that everything fits', async () => {
    model = new Model({ limits: { rules: 4, groups: 5 } });
    await run(model, documentOf(['198.1.0.0/24', '198.9.0.0/25', '198.9.0.128/25']), RAW_TARGET);
    full();
    await run(model, documentOf(['198.1.0.0/25', '198.1.0.128/25', '198.9.0.0/24']), RAW_TARGET);
    expect(ownRanges(model)).toEqual(['198.1.0.0/25', '198.1.0.128/25', '198.9.0.0/24']);
  });
  it('rules go into one group with room for all of them rather than into several', async () => {
    model = new Model({ limits: { rules: 10, groups: 5 } });
    await run(model, documentOf(scatteredRanges(17)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([9, 8]);
    model.groups[0]!.rules.length = 8;
    model.groups[1]!.rules.length = 5;
    const held = ownRanges(model);
    await run(model, documentOf([...held, ...scatteredRanges(4, 50)]), RAW_TARGET);
    expect(sizesOf(model)).toEqual([8, 9]);
  });
  it('a smaller document adds no group to full ones', async () => {
    model = new Model({ limits: { rules: 4, groups: 16 } });
    await run(model, documentOf(scatteredRanges(16)), RAW_TARGET, { allowShrink: true });
    expect(sizesOf(model)).toEqual([3, 3, 3, 3, 3, 1]);
    await run(model, documentOf(scatteredRanges(24)), RAW_TARGET);
    const before = model.groups.length;
    await run(model, documentOf(scatteredRanges(2, 100)), RAW_TARGET, { allowShrink: true });
    expect([model.groups.length, ownRanges(model)]).toEqual([before, scatteredRanges(2, 100).sort()]);
  });
  it('groups of two applications block the target, and nothing is changed', async () => {
    const shop = model.add({ name: 'shop', created: false });
    const blog = model.add({ name: 'blog', created: false });
    model.attachTo('eni-shop', [shop.id]);
    model.attachTo('eni-blog', [blog.id]);
    await expect(run(model, documentOf(scatteredRanges(3)), RAW_TARGET)).rejects.toThrow(
      new RegExp(`${shop.id} and ${blog.id} are attached to nothing in common.*make a target for each application`),
    );
    expect(model.calls).toEqual([]);
    const { figures, blocked } = planGroups(documentOf(scatteredRanges(3)), await model.read(), RAW_TARGET);
    expect([figures, blocked.length]).toEqual([{ ranges: 3, groups: 0 }, 1]);
    model.attachTo('eni-both', [shop.id, blog.id]);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    expect(model.points.map(({ groups }) => groups.length)).toEqual([1, 2, 2]);
  });
  it('a group that is not attached yet may be beside one that is', async () => {
    const shop = model.add({ name: 'shop', created: false });
    model.add({ name: 'next', created: false });
    model.attachTo('eni-shop', [shop.id]);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([3, 0]);
  });
  it('a group with rules of another target is left alone', async () => {
    model.add({ name: 'AUTOUPDATE-1', alsoOf: ['mail'] });
    await expect(run(model, documentOf(scatteredRanges(3)), RAW_TARGET)).rejects.toThrow(
      /belongs to the target mail too.*may not share/,
    );
    expect(model.calls).toEqual([]);
  });
});
