/** Edge cases of one target, over groups in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { planGroups } from '../../ip-ranges/planning/plan.ts';
import { type GroupStep, type IngressRule, ruleKey } from '../../ip-ranges/planning/state.ts';
import { awsError, clockOf, Model, ownRanges } from './model.ts';
import { documentOf, publishedDocument, rangesTarget, run } from './support.ts';

const many = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `198.${from + n}.0.0/24`);
const rule = (text: string, port = 443): IngressRule => ({
  protocol: 'tcp',
  from: port,
  to: port,
  cidr: wantedRanges(documentOf([text]), rangesTarget({ cover: 'raw' })).ranges[0]!,
});
const kinds = (steps: readonly GroupStep[]) => steps.map(({ kind }) => kind);
const sizes = (model: Model) => model.groups.map(({ rules }) => rules.length);
const raw = rangesTarget({ cover: 'raw' });

let model: Model;
beforeEach(() => {
  model = new Model();
});

describe('the shrink limit', () => {
  const wide = ['198.0.0.0/16', ...many(19, 1), '2001:db8::/32'];
  it.each<[what: string, document: () => ReturnType<typeof documentOf>, says: RegExp]>([
    [
      'an empty service',
      () => documentOf([]),
      /no range of CLOUDFRONT_ORIGIN_FACING\. Nothing of that.*--allow-shrink/,
    ],
    [
      'half of the ranges and more gone',
      () => documentOf(['198.0.0.0/16', ...many(8, 1), '2001:db8::/32']),
      /takes away 55 % of the IPv4 ranges \(11 of 20\) that .* more than 50 %/,
    ],
    [
      'few ranges gone, which are most addresses',
      () => documentOf([...many(20, 1), '198.0.0.0/30', '2001:db8::/32']),
      /takes away 93.09 % of the IPv4 addresses/,
    ],
    [
      'a whole family gone',
      () => documentOf(['198.0.0.0/16', ...many(19, 1), '203.0.113.0/24']),
      /takes away 100 % of the IPv6 ranges \(1 of 1\)/,
    ],
  ])('keeps old rules, lets in new ranges, and can be lifted with --allow-shrink: %s', async (_, document, says) => {
    await run(model, documentOf(wide), raw);
    const before = ownRanges(model);
    const wanted = wantedRanges(document(), raw).ranges.map(formatCidr);
    await expect(run(model, document(), raw)).rejects.toMatchObject({
      name: 'DocumentRefused',
      message: expect.stringMatching(says),
    });
    expect(ownRanges(model)).toEqual([...new Set([...before, ...wanted])].sort());
    model.calls.length = 0;
    await expect(run(model, document(), raw)).rejects.toThrow(/--allow-shrink/);
    expect(model.calls).toEqual([]);
    await run(model, document(), raw, { allowShrink: true });
    expect(ownRanges(model)).toEqual(wanted.sort());
  });
  it('withholds one family, and applies the other', async () => {
    await run(model, documentOf([...many(4), '2001:db8::/33', '2001:db8:8000::/33', '2001:db9::/32']), raw);
    const document = documentOf([...many(4, 1), '2001:db8::/33']);
    await expect(run(model, document, raw)).rejects.toThrow(/75 % of the IPv6 addresses/);
    expect(ownRanges(model)).toEqual([...many(4, 1), '2001:db8::/33', '2001:db8:8000::/33', '2001:db9::/32'].sort());
  });
  it('still lets a wider rule replace those that it covers', async () => {
    await run(model, documentOf(['198.0.0.0/25', '198.0.0.128/25', ...many(6, 1)]), raw);
    await expect(run(model, documentOf(['198.0.0.0/24']), raw)).rejects.toThrow(/85.71 % of the IPv4 addresses/);
    expect(ownRanges(model)).toEqual(['198.0.0.0/24', ...many(6, 1)].sort());
  });
  it('is half by default, and shrinkLimit of the target changes it', async () => {
    await run(model, documentOf(many(20)), raw);
    await expect(run(model, documentOf(many(10)), rangesTarget({ cover: 'raw', shrinkLimit: 20 }))).rejects.toThrow(
      /50 %.*more than 20 %/,
    );
    await run(model, documentOf(many(10)), raw);
    expect(ownRanges(model)).toEqual(many(10).sort());
  });
  it('protects from a misspelt service', async () => {
    await run(model, documentOf(many(20)));
    await expect(
      run(model, documentOf(many(20)), rangesTarget({ services: ['CLOUDFRONT_ORIGIN_FACNG'] })),
    ).rejects.toThrow(/did you mean CLOUDFRONT_ORIGIN_FACING\?/);
    expect(ownRanges(model)).toEqual(many(20).sort());
  });
  it('does not count published rows that were joined', async () => {
    for (const cover of ['raw', 'minimal']) {
      model = new Model();
      const target = rangesTarget({ services: ['CLOUDFRONT'], cover });
      await run(model, publishedDocument('joined/rows-joined.1'), target);
      await run(model, publishedDocument('joined/rows-joined.2'), target);
      const wanted = wantedRanges(publishedDocument('joined/rows-joined.2'), target).ranges;
      expect(ownRanges(model)).toEqual(wanted.map(formatCidr).sort());
    }
  });
  it('does not count rows that were joined or split', async () => {
    const halves = ['198.0.0.0/26', '198.0.0.64/26', '198.0.0.128/26', '198.0.0.192/26'];
    for (const rows of [halves, ['198.0.0.0/24'], halves]) {
      await run(model, documentOf(rows), raw);
      expect(ownRanges(model)).toEqual(rows.toSorted());
    }
  });
});

describe('46 → 68 → 45 rows at limit 60', () => {
  it('creates a second group and keeps it; a range that stays published never moves to another group', async () => {
    const held = () =>
      new Map(model.groups.flatMap(({ id, rules }) => rules.map((one) => [ruleKey(one), `${id} ${one.id}`])));
    const created: string[] = [];
    model.fault = (step) => void (step.kind === 'create' && created.push(step.group));
    let before = held();
    for (const [step, groups] of [
      ['1', 1],
      ['2', 2],
      ['3', 2],
    ] as const) {
      const document = publishedDocument(`origin-facing-46-68-45.${step}`);
      await run(model, document, raw);
      expect(model.groups).toHaveLength(groups);
      expect(created).toEqual(['AUTOUPDATE-1', 'AUTOUPDATE-2'].slice(0, groups));
      expect(ownRanges(model)).toEqual(wantedRanges(document, raw).ranges.map(formatCidr).sort());
      for (const [key, where] of held()) expect(before.get(key) ?? where).toBe(where);
      before = held();
    }
  });
});

describe('errors of AWS', () => {
  it('a limit error on the second of three groups moves the remaining rules to other groups', async () => {
    await run(model, documentOf(many(120)), raw);
    expect(sizes(model)).toEqual([54, 54, 12]);
    const second = model.groups[1]!.id;
    // The first two keep less than they can hold, and the second takes nothing more.
    model.fault = (step) =>
      step.kind === 'authorize' && step.group === second ? awsError('RulesPerSecurityGroupLimitExceeded') : undefined;
    const document = documentOf([...many(30), ...many(40, 54), ...many(12, 108), ...many(100, 120)]);
    await run(model, document, raw);
    expect(ownRanges(model)).toEqual(wantedRanges(document, raw).ranges.map(formatCidr).sort());
    expect(model.groups.find(({ id }) => id === second)!.rules).toHaveLength(40);
    expect(model.groups).toHaveLength(4);
  });
  it('a quota that is lower than configured is learned from the refusal', async () => {
    model = new Model({ enforced: 20 });
    await run(model, documentOf(many(50)), raw);
    expect(ownRanges(model)).toEqual(many(50).sort());
    for (const size of sizes(model)) expect(size).toBeLessThanOrEqual(20);
  });
  it.each(['InvalidPermission.Duplicate', 'InvalidSecurityGroupRuleId.NotFound', 'RequestLimitExceeded'])(
    '%s is followed by a new read, and the run completes',
    async (name) => {
      await run(model, documentOf(many(10)));
      let left = 3;
      model.fault = () => (left-- > 0 ? awsError(name) : undefined);
      await run(model, documentOf(many(12, 2)));
      expect(ownRanges(model)).toEqual(
        wantedRanges(documentOf(many(12, 2)), rangesTarget())
          .ranges.map(formatCidr)
          .sort(),
      );
    },
  );
  it('after InvalidGroup.Duplicate, the next name is tried', async () => {
    model.fault = (step) =>
      step.kind === 'create' && step.group !== 'AUTOUPDATE-3' ? awsError('InvalidGroup.Duplicate') : undefined;
    await run(model, documentOf(many(3)));
    expect(model.groups.map(({ name }) => name)).toEqual(['AUTOUPDATE-3']);
  });
  it('throttling that does not end fails the run as Throttled before its deadline', async () => {
    model.fault = () => awsError('RequestLimitExceeded', 'Request limit exceeded.');
    const clock = clockOf({ minutes: 0.5 });
    await expect(run(model, documentOf(many(3)), raw, { clock })).rejects.toMatchObject({
      name: 'Throttled',
      message: expect.stringMatching(/time was nearly over: RequestLimitExceeded: .* the next run goes on from there/),
    });
    expect(clock.now()).toBeLessThan(clock.deadline);
  });
  it('throttling is retried until the deadline', async () => {
    const clock = clockOf();
    const until = clock.now() + 4 * 60_000;
    model.fault = () => (clock.now() < until ? awsError('RequestLimitExceeded') : undefined);
    await run(model, documentOf(many(3)), raw, { clock });
    expect(ownRanges(model)).toEqual(many(3));
  });
  it('throttling close to the deadline leaves both old and new rules, and the next run finishes', async () => {
    await run(model, documentOf(many(10)), raw);
    const clock = clockOf({ minutes: 0.3 });
    model.fault = (step) => (step.kind === 'revoke' ? awsError('RequestLimitExceeded') : undefined);
    await expect(run(model, documentOf(many(10, 3)), raw, { clock })).rejects.toThrow(/time was nearly over/);
    expect(ownRanges(model)).toEqual(many(13).sort());
    model.fault = () => undefined;
    await run(model, documentOf(many(10, 3)), raw);
    expect(ownRanges(model)).toEqual(many(10, 3).sort());
  });
  it('an error that every plan repeats fails the run after ten plans', async () => {
    model.fault = () => awsError('InvalidPermission.Duplicate', 'the specified rule already exists');
    await expect(run(model, documentOf(many(3)))).rejects.toMatchObject({
      name: 'NotConverged',
      message: expect.stringMatching(/After 10 plans .*InvalidPermission.Duplicate/),
    });
  });
  it('any other error is passed on unchanged', async () => {
    model.fault = () => awsError('UnauthorizedOperation', 'You are not authorized');
    await expect(run(model, documentOf(many(3)))).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});

describe('rules of people', () => {
  it('are neither adopted nor revoked, and count against the capacity', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1' });
    const manual = ['203.0.113.7/32', ...many(2)].map((text) => rule(text));
    model.allow(group, manual, false);
    model.allow(
      group,
      many(30, 100).map((text) => rule(text, 22)),
      false,
    );
    await run(model, documentOf(many(40)), raw);
    const own = group.rules.filter(({ own }) => own);
    expect(own).toHaveLength(54 - 33);
    expect(model.groups.flatMap(({ rules }) => rules.filter((one) => one.own))).toHaveLength(38);
    await run(model, documentOf(many(20, 20)), raw, { allowShrink: true });
    expect(group.rules.filter(({ own }) => !own)).toHaveLength(33);
    expect(ownRanges(model)).toEqual(many(20, 20).sort());
  });
});

describe('groups that are attached', () => {
  const full = (kind: 'interface' | 'balancer' = 'interface') => {
    const [first] = model.groups;
    model.attachTo('eni-full', [first!.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d'], kind);
  };
  it('to a full interface get the rules that fit and nothing else, and the error names the rest', async () => {
    await run(model, documentOf(many(50)), raw);
    full();
    await expect(run(model, documentOf(many(70)), raw)).rejects.toMatchObject({
      name: 'TargetBlocked',
      message: expect.stringMatching(
        /no room for 10 of 70 rules, 443\/tcp from 198\..* and 5 more.*eni-full has .* makes 6 of at most 5 groups.*prefix list mode/,
      ),
    });
    expect(sizes(model)).toEqual([60]);
    expect(kinds(model.calls)).toEqual(['create', 'seal', 'authorize', 'authorize']);
    model.calls.length = 0;
    await expect(run(model, documentOf(many(70)), raw)).rejects.toThrow(/no room for 10 of 70 rules/);
    expect(model.calls).toEqual([]);
  });
  it('to a full interface lose stale rules first, to make room', async () => {
    await run(model, documentOf(many(50)), raw);
    full();
    await run(model, documentOf(many(60, 10)), raw);
    expect(sizes(model)).toEqual([60]);
    expect(ownRanges(model)).toEqual(many(60, 10).sort());
  });
  it('to a full interface keep a stale rule while its replacements have no room', async () => {
    model = new Model({ limits: { rules: 4, groups: 5 } });
    await run(model, documentOf(['198.0.0.0/16', ...many(2, 1)]), raw);
    full();
    const halves = ['198.0.0.0/18', '198.0.64.0/18', '198.0.128.0/18', '198.0.192.0/18'];
    await expect(run(model, documentOf([...halves, ...many(2, 1)]), raw)).rejects.toThrow(/no room for 3 of 6 rules/);
    expect(ownRanges(model)).toContain('198.0.0.0/16');
    expect(sizes(model)).toEqual([4]);
  });
  it('to a full interface also use their last tenth', async () => {
    await run(model, documentOf(many(50)), raw);
    full();
    await run(model, documentOf(many(59)), raw);
    expect(sizes(model)).toEqual([59]);
  });
  it.each([
    ['interface', 16, 16],
    ['balancer', 16, 5],
    ['balancer', 3, 3],
  ] as const)('to a network %s are, if the quota of interfaces is %i, at most %i', async (kind, groups, most) => {
    model = new Model({ limits: { rules: 60, groups } });
    await run(model, documentOf(many(50)), raw);
    const people = Array.from({ length: most - 2 }, (_, n) => `sg-${n}`);
    model.attachTo('point', [model.groups[0]!.id, ...people], kind);
    await run(model, documentOf(many(100)), raw);
    expect(model.points[0]!.groups).toHaveLength(most);
    const more = run(model, documentOf(many(160)), raw);
    await expect(more).rejects.toThrow(`makes ${most + 1} of at most ${most} groups`);
  });
  describe('an interface with room for one group more', () => {
    beforeEach(async () => {
      model = new Model({ limits: { rules: 60, groups: 3 } });
      await run(model, documentOf(many(50)), raw);
      model.attachTo('eni-1', [model.groups[0]!.id, 'sg-people']);
    });
    it('gets the existing group that holds rules, and no new group', async () => {
      const held = model.add({ name: 'AUTOUPDATE-2' });
      model.allow(held, [rule('203.0.113.0/24')], true);
      const document = documentOf([...many(150), '203.0.113.0/24']);
      await expect(run(model, document, raw)).rejects.toThrow(/no room for 31 of 151 rules/);
      expect([model.groups.length, model.points[0]!.groups.at(-1)]).toEqual([2, held.id]);
    });
    it('gets an existing empty group before a new one is created', async () => {
      const empty = model.add({ name: 'AUTOUPDATE-2' });
      const { blocked } = planGroups(documentOf(many(100)), await model.read(), raw);
      await run(model, documentOf(many(100)), raw);
      expect([blocked, model.groups.length, model.points[0]!.groups.at(-1)]).toEqual([[], 2, empty.id]);
    });
  });
  it('of two groups that hold a rule, the one on every interface keeps it', async () => {
    await run(model, documentOf(many(3)), raw);
    const [everywhere] = model.groups;
    const other = model.add({ name: 'AUTOUPDATE-2' });
    model.allow(other, [rule('198.0.0.0/24')], true);
    model.attachTo('eni-full', [everywhere!.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d']);
    await run(model, documentOf(many(3)), raw);
    expect(sizes(model)).toEqual([3, 0]);
  });
  const managed = () =>
    model.points.push({
      kind: 'interface',
      id: 'eni-lambda',
      groups: [model.groups[0]!.id],
      fixed: 'a service manages it',
    });
  it('an interface that a service manages is named in the error', async () => {
    await run(model, documentOf(many(50)), raw);
    managed();
    await expect(run(model, documentOf(many(70)), raw)).rejects.toThrow(/eni-lambda has .* but a service manages it/);
    expect(sizes(model)).toEqual([60]);
  });
  it('an interface that lacks a group blocks neither the group on every interface nor the other interfaces', async () => {
    await run(model, documentOf(many(100)), raw);
    managed();
    model.attachTo('eni-1', [model.groups[1]!.id]);
    const document = documentOf([...many(103), '203.0.113.0/24']);
    await expect(run(model, document, raw)).rejects.toThrow(/eni-lambda has .* needs .* but a service manages it/);
    // The first group is everywhere and takes six; the second is not on the interface of the service.
    expect(sizes(model)).toEqual([58, 46]);
    expect(model.points[1]!.groups.toSorted()).toEqual(model.groups.map(({ id }) => id).sort());
    await expect(run(model, documentOf(many(150)), raw)).rejects.toThrow(/no room for \d+ of 150 rules/);
    expect(sizes(model)).toEqual([60, 46]);
    // Stale rules of the second one are revoked nevertheless.
    await run(model, documentOf(many(40)), raw, { allowShrink: true });
    expect(ownRanges(model)).toEqual(many(40).sort());
  });
  it('a rule is kept if its replacement is in a group that an interface lacks', async () => {
    model = new Model({ limits: { rules: 60, groups: 2 } });
    const [first, second] = [model.add({ name: 'AUTOUPDATE-1' }), model.add({ name: 'AUTOUPDATE-2' })];
    model.allow(first, [rule('198.0.0.0/17')], true);
    model.allow(second, [rule('198.0.0.0/16')], true);
    model.attachTo('eni-1', [first.id, 'sg-people']);
    model.attachTo('eni-2', [first.id, second.id]);
    await expect(run(model, documentOf(['198.0.0.0/16']), raw)).rejects.toThrow(/eni-1 has .* makes 3 of at most 2/);
    expect(ownRanges(model)).toEqual(['198.0.0.0/16', '198.0.0.0/17']);
  });
  it('a new group is filled and attached before anything is revoked', async () => {
    await run(model, documentOf(many(50)), raw);
    model.attachTo('eni-1', [model.groups[0]!.id]);
    model.calls.length = 0;
    await run(model, documentOf(many(60, 10)), raw);
    expect(kinds(model.calls)).toEqual(['create', 'seal', 'authorize', 'authorize', 'attach', 'revoke']);
  });
  it('a new interface with one of the groups gets the others', async () => {
    await run(model, documentOf(many(100)), raw);
    model.attachTo('eni-later', [model.groups[1]!.id, 'sg-people']);
    await run(model, documentOf(many(100)), raw);
    expect(model.points[0]!.groups.toSorted()).toEqual([...model.groups.map(({ id }) => id), 'sg-people'].sort());
  });
  it('a new interface with one of the groups still lets the other groups take rules, so that no new group is created', async () => {
    model = new Model({ limits: { rules: 60, groups: 3 } });
    const [, roomy, filled] = ['AUTOUPDATE-1', 'AUTOUPDATE-2', 'AUTOUPDATE-3'].map((name) => model.add({ name }));
    for (const [group, texts] of [
      [roomy, many(46)],
      [filled, many(54, 46)],
    ] as const)
      model.allow(
        group!,
        texts.map((text) => rule(text)),
        true,
      );
    model.attachTo('eni-later', [filled!.id, 'sg-people']);
    await run(model, documentOf(many(103)), raw);
    expect(sizes(model)).toEqual([0, 49, 54]);
    expect(kinds(model.calls)).toEqual(['authorize', 'attach']);
  });
  it('an interface over its limit of groups gets none', async () => {
    await run(model, documentOf(many(150)), raw);
    model.attachTo('eni-1', [model.groups[0]!.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d', 'sg-e']);
    model.attachTo(
      'eni-2',
      model.groups.map(({ id }) => id),
    );
    model.add({ name: 'AUTOUPDATE-4' });
    model.calls.length = 0;
    await expect(run(model, documentOf(many(150)), raw)).rejects.toThrow(/makes 8 of at most 5 groups/);
    expect(model.calls).toEqual([]);
    const before = model.groups.length;
    await expect(run(model, documentOf(many(190)), raw)).rejects.toThrow(/makes \d+ of at most 5 groups/);
    expect(model.groups).toHaveLength(before);
  });
  it('with rules of people are not attached to an interface that lacks them', async () => {
    await run(model, documentOf(many(100)), raw);
    model.allow(model.groups[0]!, [rule('203.0.113.7/32', 22)], false);
    model.attachTo('eni-1', [model.groups[1]!.id]);
    await expect(run(model, documentOf(many(101)), raw)).rejects.toThrow(
      /has rules of people, which it would get with it/,
    );
    expect(model.points[0]!.groups).toHaveLength(1);
    expect(ownRanges(model)).toEqual(many(101).sort());
  });
  it('rules go into a new group, not into one that cannot be attached everywhere', async () => {
    await run(model, documentOf(many(50)), raw);
    const [first] = model.groups;
    model.allow(first!, [rule('203.0.113.7/32', 22)], false);
    const people = model.add({ name: 'AUTOUPDATE-2', created: false });
    model.allow(people, [rule('203.0.113.7/32', 22)], false);
    model.attachTo('eni-1', [first!.id]);
    model.attachTo('eni-2', [model.add({ name: 'AUTOUPDATE-3' }).id]);
    model.points[1]!.groups.push('sg-people');
    await expect(run(model, documentOf(many(110)), raw)).rejects.toThrow(/eni-2 has .* rules of people/);
    expect(first!.rules).toHaveLength(51);
    expect(people.rules).toHaveLength(1);
    expect(ownRanges(model)).toEqual(many(110).sort());
  });
  it('an empty group that a full interface lacks takes nothing', async () => {
    await run(model, documentOf(many(50)), raw);
    const empty = model.add({ name: 'AUTOUPDATE-2' });
    full();
    await expect(run(model, documentOf(many(70)), raw)).rejects.toThrow(/no room for 10 of 70 rules/);
    expect(empty.rules).toEqual([]);
  });
  it('a full interface does not block rules that have room after the next revocation', async () => {
    await run(model, documentOf(many(50)), raw);
    full();
    await run(model, documentOf(many(60)), raw);
    const { blocked, steps } = planGroups(documentOf(many(60, 20)), await model.read(), raw);
    expect([blocked, kinds(steps)]).toEqual([[], ['revoke']]);
  });
  it('to a full interface get the replacements of stale rules first, so that everything fits', async () => {
    model = new Model({ limits: { rules: 4, groups: 5 } });
    await run(model, documentOf(['198.9.0.0/25', '198.9.0.128/25', '198.7.0.0/24']), raw);
    full();
    await run(model, documentOf(['198.1.0.0/24', '198.7.0.0/24', '198.9.0.0/24']), raw);
    expect(ownRanges(model)).toEqual(['198.1.0.0/24', '198.7.0.0/24', '198.9.0.0/24']);
  });
  it('to a full interface get a joined range before a split one, so that everything fits', async () => {
    model = new Model({ limits: { rules: 4, groups: 5 } });
    await run(model, documentOf(['198.1.0.0/24', '198.9.0.0/25', '198.9.0.128/25']), raw);
    full();
    await run(model, documentOf(['198.1.0.0/25', '198.1.0.128/25', '198.9.0.0/24']), raw);
    expect(ownRanges(model)).toEqual(['198.1.0.0/25', '198.1.0.128/25', '198.9.0.0/24']);
  });
  it('rules go into one group with room for all of them rather than into several', async () => {
    model = new Model({ limits: { rules: 10, groups: 5 } });
    await run(model, documentOf(many(17)), raw);
    expect(sizes(model)).toEqual([9, 8]);
    model.groups[0]!.rules.length = 8;
    model.groups[1]!.rules.length = 5;
    const held = ownRanges(model);
    await run(model, documentOf([...held, ...many(4, 50)]), raw);
    expect(sizes(model)).toEqual([8, 9]);
  });
  it('a smaller document adds no group to full ones', async () => {
    model = new Model({ limits: { rules: 4, groups: 16 } });
    await run(model, documentOf(many(16)), raw, { allowShrink: true });
    expect(sizes(model)).toEqual([3, 3, 3, 3, 3, 1]);
    await run(model, documentOf(many(24)), raw);
    const before = model.groups.length;
    await run(model, documentOf(many(2, 100)), raw, { allowShrink: true });
    expect([model.groups.length, ownRanges(model)]).toEqual([before, many(2, 100).sort()]);
  });
  it('groups of two applications block the target, and nothing is changed', async () => {
    const shop = model.add({ name: 'shop', created: false });
    const blog = model.add({ name: 'blog', created: false });
    model.attachTo('eni-shop', [shop.id]);
    model.attachTo('eni-blog', [blog.id]);
    await expect(run(model, documentOf(many(3)), raw)).rejects.toThrow(
      new RegExp(`${shop.id} and ${blog.id} are attached to nothing in common.*make a target for each application`),
    );
    expect(model.calls).toEqual([]);
    const { figures, blocked } = planGroups(documentOf(many(3)), await model.read(), raw);
    expect([figures, blocked.length]).toEqual([{ ranges: 3, groups: 0 }, 1]);
    model.attachTo('eni-both', [shop.id, blog.id]);
    await run(model, documentOf(many(3)), raw);
    expect(model.points.map(({ groups }) => groups.length)).toEqual([1, 2, 2]);
  });
  it('a group that is not attached yet may be beside one that is', async () => {
    const shop = model.add({ name: 'shop', created: false });
    model.add({ name: 'next', created: false });
    model.attachTo('eni-shop', [shop.id]);
    await run(model, documentOf(many(3)), raw);
    expect(sizes(model)).toEqual([3, 0]);
  });
  it('a group with rules of another target is left alone', async () => {
    model.add({ name: 'AUTOUPDATE-1', alsoOf: ['mail'] });
    await expect(run(model, documentOf(many(3)), raw)).rejects.toThrow(/belongs to the target mail too.*may not share/);
    expect(model.calls).toEqual([]);
  });
});

describe('a group that takes its first rules', () => {
  it.each<[what: string, group: object, foreign: readonly string[], own: readonly string[], sealed: boolean]>([
    ['that the function created', {}, [], [], true],
    ['that people created', { created: false }, [], [], false],
    ['that lets nothing out any more', { open: false }, [], [], false],
    ['in which people have rules', {}, ['203.0.113.7/32'], [], false],
    ['that has rules already', {}, [], ['198.0.0.0/24'], false],
  ])('%s: loses its allow-all outbound rule or keeps it', async (_, options, foreign, own, sealed) => {
    const group = model.add({ name: 'AUTOUPDATE-1', open: true, ...options });
    for (const text of foreign) model.allow(group, [rule(text)], false);
    for (const text of own) model.allow(group, [rule(text)], true);
    await run(model, documentOf(many(3)), raw);
    expect(kinds(model.calls)).toEqual([...(sealed ? ['seal'] : []), 'authorize']);
  });
});

describe('leftovers', () => {
  const notes = async (target = raw, document = documentOf(many(3))) =>
    planGroups(document, await model.read(), target).notes;
  it('groups that are attached to nothing are noted', async () => {
    await run(model, documentOf(many(3)), raw);
    const [group] = model.groups;
    model.add({ name: 'empty', created: false });
    expect(await notes()).toEqual([`${group!.id} (AUTOUPDATE-1) is attached to nothing, so its rules let nothing in`]);
    model.attachTo('eni-1', [group!.id]);
    expect(await notes()).toEqual([]);
  });
  it('rules of people that AWS does not publish any more are noted, at the ports of the target', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1' });
    model.attachTo('eni-1', [group.id]);
    const orphan = { ...rule('198.78.0.0/24'), orphanOf: 'old' };
    model.allow(group, [rule('198.0.0.0/25'), rule('198.77.0.0/24'), orphan, rule('203.0.113.7/32', 22)], false);
    expect(await notes()).toEqual([
      expect.stringMatching(
        /has rules of people for ranges that AWS does not publish for CLOUDFRONT_ORIGIN_FACING now: 443\/tcp from 198\.77\.0\.0\/24, 443\/tcp from 198\.78\.0\.0\/24 of old;/,
      ),
    ]);
  });
  it('of AWS’s sample are adopted with --adopt and then follow the document; rules of people are not adopted', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const described = (text: string, description: string) => ({ ...rule(text), description });
    const people = [described('203.0.113.7/32', 'office'), rule('203.0.113.9/32'), rule('198.7.0.0/24', 22)];
    model.allow(group, people, false);
    model.allow(group, [described('198.0.0.0/24', 'CLOUDFRONT rule 1 of 2')], false);
    model.allow(group, [described('198.99.0.0/24', 'CLOUDFRONT rule 2 of 2'), rule('15.177.0.0/18')], false);
    await run(model, documentOf(many(3)), raw);
    expect(ownRanges(model)).toEqual(many(3).slice(1).sort());
    const { steps, notes: said } = planGroups(documentOf(many(3)), await model.read(), raw, { adopt: true });
    expect(kinds(steps)).toEqual(['adopt', 'revoke']);
    expect(said.join()).toMatch(/now: 443\/tcp from 203.0.113.7\/32, 443\/tcp from 203.0.113.9\/32; /);
    await run(model, documentOf(many(3)), raw, { adopt: true });
    expect(ownRanges(model)).toEqual(many(3).sort());
    expect(group.rules.filter(({ own }) => !own).map(ruleKey)).toEqual(people.map(ruleKey));
  });
});

describe('leftovers that are adopted', () => {
  const sampled = (of: IngressRule) => ({ ...of, description: 'CLOUDFRONT rule 1 of 2' });
  it('use the last tenth of a full group like any other rule', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    model.allow(
      group,
      many(54).map((text) => sampled(rule(text))),
      false,
    );
    await run(model, documentOf(many(54)), raw, { adopt: true });
    model.attachTo('eni-full', [group.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d']);
    await run(model, documentOf(many(60)), raw, { adopt: true });
    expect(sizes(model)).toEqual([60]);
  });
  it.each<[what: string, full: boolean]>([
    ['in one plan', false],
    ['beside what fits only then', true],
  ])('count once: %s', async (_, full) => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    model.allow(
      group,
      many(40).map((text) => sampled(rule(text))),
      false,
    );
    if (full) model.attachTo('eni-full', [group.id, 'sg-a', 'sg-b', 'sg-c', 'sg-d']);
    const { blocked, steps } = planGroups(documentOf(many(50)), await model.read(), raw, { adopt: true });
    expect([blocked, kinds(steps)]).toEqual([[], ['adopt', 'authorize']]);
  });
  it('include rules of a former target, whatever their description', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const marked = { ...rule('198.0.0.0/24'), orphanOf: 'old', description: 'CLOUDFRONT_ORIGIN_FACING' };
    model.allow(group, [marked], false);
    const { steps } = planGroups(documentOf(many(1)), await model.read(), raw, { adopt: true });
    expect(kinds(steps)).toEqual(['adopt']);
  });
  it('of one family do not use the room of the other', async () => {
    model = new Model({ limits: { rules: 4, groups: 1 } });
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    model.allow(
      group,
      many(4).map((text) => sampled(rule(text))),
      false,
    );
    model.attachTo('eni-1', [group.id]);
    const ipv6 = Array.from({ length: 5 }, (_, n) => `2001:db${n}::/32`);
    const state = await model.read();
    const { blocked, steps } = planGroups(documentOf([...many(4), ...ipv6]), state, raw, { adopt: true });
    expect(steps).toMatchObject([
      { kind: 'adopt', rules: { length: 4 } },
      { kind: 'authorize', rules: { length: 4 } },
    ]);
    expect(blocked[0]).toMatch(/no room for 1 of 9 rules/);
  });
  it('have exactly the ports of the target', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const near: Partial<IngressRule>[] = [{ protocol: 'udp' }, { from: 442 }, { to: 444 }];
    for (const other of near) model.allow(group, [sampled({ ...rule('198.0.0.0/24'), ...other })], false);
    await run(model, documentOf(many(1)), raw, { adopt: true });
    expect(group.rules.map(({ own }) => own)).toEqual([false, false, false, true]);
  });
});

describe('leftovers at adjacent ports', () => {
  it('are adopted one rule per port, as the sample writes them, and as one range, as the function does', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1', created: false });
    const old = [rule('198.0.0.0/24', 80), rule('198.0.0.0/24', 81), { ...rule('198.1.0.0/24', 80), to: 81 }];
    for (const one of old) model.allow(group, [{ ...one, description: 'CLOUDFRONT rule 1 of 2' } as typeof one], false);
    const target = rangesTarget({ cover: 'raw', ports: ['80', '81'] });
    await run(model, documentOf(many(2)), target, { adopt: true });
    expect(group.rules.map(({ own, from, to }) => [own, from, to])).toEqual([
      [true, 80, 81],
      [true, 80, 81],
    ]);
  });
});

describe('ports that change', () => {
  it('from 80 to 80 and 443 to a range: every wanted address is let in after each call', async () => {
    await run(model, documentOf(many(27)), rangesTarget({ ports: ['80'], cover: 'raw' }));
    model.attachTo('eni-1', [model.groups[0]!.id]);
    const lost: string[] = [];
    model.onCall = () => {
      const open = model.groups.filter(({ id }) => model.points[0]!.groups.includes(id)).flatMap(({ rules }) => rules);
      for (const cidr of many(27))
        if (!open.some((one) => formatCidr(one.cidr) === cidr && one.from <= 80 && 80 <= one.to)) lost.push(cidr);
    };
    await run(model, documentOf(many(27)), rangesTarget({ ports: ['80', '443'], cover: 'raw' }));
    expect(sizes(model)).toEqual([54]);
    await run(model, documentOf(many(27)), rangesTarget({ ports: ['80-443'], cover: 'raw' }));
    expect(lost).toEqual([]);
    const ports = model.groups.flatMap(({ rules }) => rules).map(({ from, to }) => `${from}-${to}`);
    expect(ports).toEqual(Array(27).fill('80-443'));
  });
  it('in full groups: take several plans, no third group, and every wanted address is let in after each call', async () => {
    model = new Model({ limits: { rules: 6, groups: 5 } });
    const two = rangesTarget({ ports: ['80', '443'], cover: 'raw' });
    await run(model, documentOf(many(5)), two);
    expect(sizes(model)).toEqual([5, 5]);
    const lost: string[] = [];
    model.onCall = () => {
      const open = model.groups.flatMap(({ rules }) => rules);
      for (const cidr of many(5))
        for (const port of [80, 443])
          if (!open.some((one) => formatCidr(one.cidr) === cidr && one.from <= port && port <= one.to))
            lost.push(`${cidr} ${port}`);
    };
    const { rounds } = await run(model, documentOf(many(5)), rangesTarget({ ports: ['80-443'], cover: 'raw' }));
    expect(lost).toEqual([]);
    expect(rounds).toBeGreaterThan(1);
    expect(model.groups).toHaveLength(2);
    expect(ownRanges(model)).toEqual(many(5));
  });
  it('that are adjacent become one range', async () => {
    await run(model, documentOf(many(3)), rangesTarget({ ports: ['81', '80', '443/udp', '79-90'], cover: 'raw' }));
    expect(model.groups[0]!.rules.map(({ protocol, from, to }) => `${protocol} ${from}-${to}`)).toEqual([
      ...Array(3).fill('tcp 79-90'),
      ...Array(3).fill('udp 443-443'),
    ]);
  });
});
