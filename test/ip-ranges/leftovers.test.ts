/** Rules that remain from other ports or targets, over groups in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { planGroups } from '../../ip-ranges/planning/plan.ts';
import { type GroupStep, type IngressRule, ruleKey } from '../../ip-ranges/planning/state.ts';
import { Model, ownRanges } from './model.ts';
import { RAW_TARGET, ruleOf, scatteredRanges, sizesOf } from './range-samples.ts';
import { documentOf, rangesTarget, run } from './support.ts';

const kinds = (steps: readonly GroupStep[]) => steps.map(({ kind }) => kind);
let model: Model;
beforeEach(() => {
  model = new Model();
});

describe('leftovers', () => {
  const notes = async (target = RAW_TARGET, document = documentOf(scatteredRanges(3))) =>
    planGroups(document, await model.read(), target).notes;
  it('groups that are attached to nothing are noted', async () => {
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    const [group] = model.groups;
    model.add({ name: 'empty', created: false });
    expect(await notes()).toEqual([`${group!.id} (AUTOUPDATE-1) is attached to nothing, so its rules let nothing in`]);
    model.attachTo('eni-1', [group!.id]);
    expect(await notes()).toEqual([]);
  });
  it('rules of people that AWS does not publish any more are noted, at the ports of the target', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1' });
    model.attachTo('eni-1', [group.id]);
    const orphan = { ...ruleOf('198.78.0.0/24'), orphanOf: 'old' };
    model.allow(group, [ruleOf('198.0.0.0/25'), ruleOf('198.77.0.0/24'), orphan, ruleOf('203.0.113.7/32', 22)], false);
    expect(await notes()).toEqual([
      expect.stringMatching(
        /has rules of people for ranges that AWS does not publish for CLOUDFRONT_ORIGIN_FACING now: 443\/tcp from 198\.77\.0\.0\/24, 443\/tcp from 198\.78\.0\.0\/24 of old;/,
      ),
    ]);
  });
  it('of AWS’s sample are adopted with --adopt and then follow the document; rules of people are not adopted', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const described = (text: string, description: string) => ({ ...ruleOf(text), description });
    const people = [described('203.0.113.7/32', 'office'), ruleOf('203.0.113.9/32'), ruleOf('198.7.0.0/24', 22)];
    model.allow(group, people, false);
    model.allow(group, [described('198.0.0.0/24', 'CLOUDFRONT rule 1 of 2')], false);
    model.allow(group, [described('198.99.0.0/24', 'CLOUDFRONT rule 2 of 2'), ruleOf('15.177.0.0/18')], false);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    expect(ownRanges(model)).toEqual(scatteredRanges(3).slice(1).sort());
    const { steps, notes: said } = planGroups(documentOf(scatteredRanges(3)), await model.read(), RAW_TARGET, {
      adopt: true,
    });
    expect(kinds(steps)).toEqual(['adopt', 'revoke']);
    expect(said.join()).toMatch(/now: 443\/tcp from 203.0.113.7\/32, 443\/tcp from 203.0.113.9\/32; /);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET, { adopt: true });
    expect(ownRanges(model)).toEqual(scatteredRanges(3).sort());
    expect(group.rules.filter(({ own }) => !own).map(ruleKey)).toEqual(people.map(ruleKey));
  });
});

describe('leftovers that are adopted', () => {
  const sampled = (of: IngressRule) => ({ ...of, description: 'CLOUDFRONT rule 1 of 2' });
  it('use the last tenth of a full group like any other rule', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    model.allow(
      group,
      scatteredRanges(54).map((text) => sampled(ruleOf(text))),
      false,
    );
    await run(model, documentOf(scatteredRanges(54)), RAW_TARGET, { adopt: true });
    model.attachTo('eni-full', [group.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d']);
    await run(model, documentOf(scatteredRanges(60)), RAW_TARGET, { adopt: true });
    expect(sizesOf(model)).toEqual([60]);
  });
  it.each<[what: string, full: boolean]>([
    ['in one plan', false],
    ['beside what fits only then', true],
  ])('count once: %s', async (_, full) => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    model.allow(
      group,
      scatteredRanges(40).map((text) => sampled(ruleOf(text))),
      false,
    );
    if (full) model.attachTo('eni-full', [group.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d']);
    const { blocked, steps } = planGroups(documentOf(scatteredRanges(50)), await model.read(), RAW_TARGET, {
      adopt: true,
    });
    expect([blocked, kinds(steps)]).toEqual([[], ['adopt', 'authorize']]);
  });
  it('include rules of a former target, whatever their description', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const marked = { ...ruleOf('198.0.0.0/24'), orphanOf: 'old', description: 'CLOUDFRONT_ORIGIN_FACING' };
    model.allow(group, [marked], false);
    const { steps } = planGroups(documentOf(scatteredRanges(1)), await model.read(), RAW_TARGET, { adopt: true });
    expect(kinds(steps)).toEqual(['adopt']);
  });
  it('of one family do not use the room of the other', async () => {
    model = new Model({ limits: { rules: 4, groups: 1 } });
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    model.allow(
      group,
      scatteredRanges(4).map((text) => sampled(ruleOf(text))),
      false,
    );
    model.attachTo('eni-1', [group.id]);
    const ipv6 = Array.from({ length: 5 }, (_, n) => `2001:db${n}::/32`);
    const state = await model.read();
    const { blocked, steps } = planGroups(documentOf([...scatteredRanges(4), ...ipv6]), state, RAW_TARGET, {
      adopt: true,
    });
    expect(steps).toMatchObject([
      { kind: 'adopt', rules: { length: 4 } },
      { kind: 'authorize', rules: { length: 4 } },
    ]);
    expect(blocked[0]).toMatch(/no room for 1 of 9 rules/);
  });
  it('have exactly the ports of the target', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const near: Partial<IngressRule>[] = [{ protocol: 'udp' }, { from: 442 }, { to: 444 }];
    for (const other of near) model.allow(group, [sampled({ ...ruleOf('198.0.0.0/24'), ...other })], false);
    await run(model, documentOf(scatteredRanges(1)), RAW_TARGET, { adopt: true });
    expect(group.rules.map(({ own }) => own)).toEqual([false, false, false, true]);
  });
});

describe('leftovers at adjacent ports', () => {
  it('are adopted one rule per port, as the sample writes them, and as one range, as the function does', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const old = [ruleOf('198.0.0.0/24', 80), ruleOf('198.0.0.0/24', 81), { ...ruleOf('198.1.0.0/24', 80), to: 81 }];
    for (const one of old) model.allow(group, [{ ...one, description: 'CLOUDFRONT rule 1 of 2' } as typeof one], false);
    const target = rangesTarget({ cover: 'raw', ports: ['80', '81'] });
    await run(model, documentOf(scatteredRanges(2)), target, { adopt: true });
    expect(group.rules.map(({ own, from, to }) => [own, from, to])).toEqual([
      [true, 80, 81],
      [true, 80, 81],
    ]);
  });
});

describe('ports that change', () => {
  it('from 80 to 80 and 443 to a range: every wanted address is let in after each call', async () => {
    await run(model, documentOf(scatteredRanges(27)), rangesTarget({ ports: ['80'], cover: 'raw' }));
    model.attachTo('eni-1', [model.groups[0]!.id]);
    const lost: string[] = [];
    model.onCall = () => {
      const open = model.groups.filter(({ id }) => model.points[0]!.groups.includes(id)).flatMap(({ rules }) => rules);
      for (const cidr of scatteredRanges(27))
        if (!open.some((one) => formatCidr(one.cidr) === cidr && one.from <= 80 && 80 <= one.to)) lost.push(cidr);
    };
    await run(model, documentOf(scatteredRanges(27)), rangesTarget({ ports: ['80', '443'], cover: 'raw' }));
    expect(sizesOf(model)).toEqual([54]);
    await run(model, documentOf(scatteredRanges(27)), rangesTarget({ ports: ['80-443'], cover: 'raw' }));
    expect(lost).toEqual([]);
    const ports = model.groups.flatMap(({ rules }) => rules).map(({ from, to }) => `${from}-${to}`);
    expect(ports).toEqual(Array(27).fill('80-443'));
  });
  it('in full groups: take several plans, no third group, and every wanted address is let in after each call', async () => {
    model = new Model({ limits: { rules: 6, groups: 5 } });
    const two = rangesTarget({ ports: ['80', '443'], cover: 'raw' });
    await run(model, documentOf(scatteredRanges(5)), two);
    expect(sizesOf(model)).toEqual([5, 5]);
    const lost: string[] = [];
    model.onCall = () => {
      const open = model.groups.flatMap(({ rules }) => rules);
      for (const cidr of scatteredRanges(5))
        for (const port of [80, 443])
          if (!open.some((one) => formatCidr(one.cidr) === cidr && one.from <= port && port <= one.to))
            lost.push(`${cidr} ${port}`);
    };
    const { rounds } = await run(
      model,
      documentOf(scatteredRanges(5)),
      rangesTarget({ ports: ['80-443'], cover: 'raw' }),
    );
    expect(lost).toEqual([]);
    expect(rounds).toBeGreaterThan(1);
    expect(model.groups).toHaveLength(2);
    expect(ownRanges(model)).toEqual(scatteredRanges(5));
  });
  it('that are adjacent become one range', async () => {
    await run(
      model,
      documentOf(scatteredRanges(3)),
      rangesTarget({ ports: ['81', '80', '443/udp', '79-90'], cover: 'raw' }),
    );
    expect(model.groups[0]!.rules.map(({ protocol, from, to }) => `${protocol} ${from}-${to}`)).toEqual([
      ...Array(3).fill('tcp 79-90'),
      ...Array(3).fill('udp 443-443'),
    ]);
  });
});
