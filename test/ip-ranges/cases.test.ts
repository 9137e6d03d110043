/** Edge cases of one target, over groups in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { type GroupStep, ruleKey } from '../../ip-ranges/planning/state.ts';
import { awsError, clockOf, Model, ownRanges } from './model.ts';
import { RAW_TARGET, ruleOf, scatteredRanges, sizesOf } from './range-samples.ts';
import { documentOf, publishedDocument, rangesTarget, run } from './support.ts';

const kinds = (steps: readonly GroupStep[]) => steps.map(({ kind }) => kind);
let model: Model;
beforeEach(() => {
  model = new Model();
});

describe('the shrink limit', () => {
  const wide = ['198.0.0.0/16', ...scatteredRanges(19, 1), '2001:db8::/32'];
  it.each<[what: string, document: () => ReturnType<typeof documentOf>, says: RegExp]>([
    [
      'an empty service',
      () => documentOf([]),
      /no range of CLOUDFRONT_ORIGIN_FACING\. Nothing of that.*--allow-shrink/,
    ],
    [
      'half of the ranges and more gone',
      () => documentOf(['198.0.0.0/16', ...scatteredRanges(8, 1), '2001:db8::/32']),
      /takes away 55 % of the IPv4 ranges \(11 of 20\) that .* more than 50 %/,
    ],
    [
      'few ranges gone, which are most addresses',
      () => documentOf([...scatteredRanges(20, 1), '198.0.0.0/30', '2001:db8::/32']),
      /takes away 93.09 % of the IPv4 addresses/,
    ],
    [
      'a whole family gone',
      () => documentOf(['198.0.0.0/16', ...scatteredRanges(19, 1), '203.0.113.0/24']),
      /takes away 100 % of the IPv6 ranges \(1 of 1\)/,
    ],
  ])('keeps old rules, lets in new ranges, and can be lifted with --allow-shrink: %s', async (_, document, says) => {
    await run(model, documentOf(wide), RAW_TARGET);
    const before = ownRanges(model);
    const wanted = wantedRanges(document(), RAW_TARGET).ranges.map(formatCidr);
    await expect(run(model, document(), RAW_TARGET)).rejects.toMatchObject({
      name: 'DocumentRefused',
      message: expect.stringMatching(says),
    });
    expect(ownRanges(model)).toEqual([...new Set([...before, ...wanted])].sort());
    model.calls.length = 0;
    await expect(run(model, document(), RAW_TARGET)).rejects.toThrow(/--allow-shrink/);
    expect(model.calls).toEqual([]);
    await run(model, document(), RAW_TARGET, { allowShrink: true });
    expect(ownRanges(model)).toEqual(wanted.sort());
  });
  it('withholds one family, and applies the other', async () => {
    await run(
      model,
      documentOf([...scatteredRanges(4), '2001:db8::/33', '2001:db8:8000::/33', '2001:db9::/32']),
      RAW_TARGET,
    );
    const document = documentOf([...scatteredRanges(4, 1), '2001:db8::/33']);
    await expect(run(model, document, RAW_TARGET)).rejects.toThrow(/75 % of the IPv6 addresses/);
    expect(ownRanges(model)).toEqual(
      [...scatteredRanges(4, 1), '2001:db8::/33', '2001:db8:8000::/33', '2001:db9::/32'].sort(),
    );
  });
  it('still lets a wider rule replace those that it covers', async () => {
    await run(model, documentOf(['198.0.0.0/25', '198.0.0.128/25', ...scatteredRanges(6, 1)]), RAW_TARGET);
    await expect(run(model, documentOf(['198.0.0.0/24']), RAW_TARGET)).rejects.toThrow(/85.71 % of the IPv4 addresses/);
    expect(ownRanges(model)).toEqual(['198.0.0.0/24', ...scatteredRanges(6, 1)].sort());
  });
  it('is half by default, and shrinkLimit of the target changes it', async () => {
    await run(model, documentOf(scatteredRanges(20)), RAW_TARGET);
    await expect(
      run(model, documentOf(scatteredRanges(10)), rangesTarget({ cover: 'raw', shrinkLimit: 20 })),
    ).rejects.toThrow(/50 %.*more than 20 %/);
    await run(model, documentOf(scatteredRanges(10)), RAW_TARGET);
    expect(ownRanges(model)).toEqual(scatteredRanges(10).sort());
  });
  it('protects from a misspelt service', async () => {
    await run(model, documentOf(scatteredRanges(20)));
    await expect(
      run(model, documentOf(scatteredRanges(20)), rangesTarget({ services: ['CLOUDFRONT_ORIGIN_FACNG'] })),
    ).rejects.toThrow(/did you mean CLOUDFRONT_ORIGIN_FACING\?/);
    expect(ownRanges(model)).toEqual(scatteredRanges(20).sort());
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
      await run(model, documentOf(rows), RAW_TARGET);
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
      await run(model, document, RAW_TARGET);
      expect(model.groups).toHaveLength(groups);
      expect(created).toEqual(['AUTOUPDATE-1', 'AUTOUPDATE-2'].slice(0, groups));
      expect(ownRanges(model)).toEqual(wantedRanges(document, RAW_TARGET).ranges.map(formatCidr).sort());
      for (const [key, where] of held()) expect(before.get(key) ?? where).toBe(where);
      before = held();
    }
  });
});

describe('errors of AWS', () => {
  it('a limit error on the second of three groups moves the remaining rules to other groups', async () => {
    await run(model, documentOf(scatteredRanges(120)), RAW_TARGET);
    expect(sizesOf(model)).toEqual([54, 54, 12]);
    const second = model.groups[1]!.id;
    // The first two keep less than they can hold, and the second takes nothing more.
    model.fault = (step) =>
      step.kind === 'authorize' && step.group === second ? awsError('RulesPerSecurityGroupLimitExceeded') : undefined;
    const document = documentOf([
      ...scatteredRanges(30),
      ...scatteredRanges(40, 54),
      ...scatteredRanges(12, 108),
      ...scatteredRanges(100, 120),
    ]);
    await run(model, document, RAW_TARGET);
    expect(ownRanges(model)).toEqual(wantedRanges(document, RAW_TARGET).ranges.map(formatCidr).sort());
    expect(model.groups.find(({ id }) => id === second)!.rules).toHaveLength(40);
    expect(model.groups).toHaveLength(4);
  });
  it('a quota that is lower than configured is learned from the refusal', async () => {
    model = new Model({ enforced: 20 });
    await run(model, documentOf(scatteredRanges(50)), RAW_TARGET);
    expect(ownRanges(model)).toEqual(scatteredRanges(50).sort());
    for (const size of sizesOf(model)) expect(size).toBeLessThanOrEqual(20);
  });
  it.each(['InvalidPermission.Duplicate', 'InvalidSecurityGroupRuleId.NotFound', 'RequestLimitExceeded'])(
    '%s is followed by a new read, and the run completes',
    async (name) => {
      await run(model, documentOf(scatteredRanges(10)));
      let left = 3;
      model.fault = () => (left-- > 0 ? awsError(name) : undefined);
      await run(model, documentOf(scatteredRanges(12, 2)));
      expect(ownRanges(model)).toEqual(
        wantedRanges(documentOf(scatteredRanges(12, 2)), rangesTarget())
          .ranges.map(formatCidr)
          .sort(),
      );
    },
  );
  it('after InvalidGroup.Duplicate, the next name is tried', async () => {
    model.fault = (step) =>
      step.kind === 'create' && step.group !== 'AUTOUPDATE-3' ? awsError('InvalidGroup.Duplicate') : undefined;
    await run(model, documentOf(scatteredRanges(3)));
    expect(model.groups.map(({ name }) => name)).toEqual(['AUTOUPDATE-3']);
  });
  it('throttling that does not end fails the run as Throttled before its deadline', async () => {
    model.fault = () => awsError('RequestLimitExceeded', 'Request limit exceeded.');
    const clock = clockOf({ minutes: 0.5 });
    await expect(run(model, documentOf(scatteredRanges(3)), RAW_TARGET, { clock })).rejects.toMatchObject({
      name: 'Throttled',
      message: expect.stringMatching(/time was nearly over: RequestLimitExceeded: .* the next run goes on from there/),
    });
    expect(clock.now()).toBeLessThan(clock.deadline);
  });
  it('throttling is retried until the deadline', async () => {
    const clock = clockOf();
    const until = clock.now() + 4 * 60_000;
    model.fault = () => (clock.now() < until ? awsError('RequestLimitExceeded') : undefined);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET, { clock });
    expect(ownRanges(model)).toEqual(scatteredRanges(3));
  });
  it('throttling close to the deadline leaves both old and new rules, and the next run finishes', async () => {
    await run(model, documentOf(scatteredRanges(10)), RAW_TARGET);
    const clock = clockOf({ minutes: 0.3 });
    model.fault = (step) => (step.kind === 'revoke' ? awsError('RequestLimitExceeded') : undefined);
    await expect(run(model, documentOf(scatteredRanges(10, 3)), RAW_TARGET, { clock })).rejects.toThrow(
      /time was nearly over/,
    );
    expect(ownRanges(model)).toEqual(scatteredRanges(13).sort());
    model.fault = () => undefined;
    await run(model, documentOf(scatteredRanges(10, 3)), RAW_TARGET);
    expect(ownRanges(model)).toEqual(scatteredRanges(10, 3).sort());
  });
  it('an error that every plan repeats fails the run after ten plans', async () => {
    model.fault = () => awsError('InvalidPermission.Duplicate', 'the specified rule already exists');
    await expect(run(model, documentOf(scatteredRanges(3)))).rejects.toMatchObject({
      name: 'NotConverged',
      message: expect.stringMatching(/After 10 plans .*InvalidPermission.Duplicate/),
    });
  });
  it('any other error is passed on unchanged', async () => {
    model.fault = () => awsError('UnauthorizedOperation', 'You are not authorized');
    await expect(run(model, documentOf(scatteredRanges(3)))).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});

describe('rules of people', () => {
  it('are neither adopted nor revoked, and count against the capacity', async () => {
    const group = model.add({ name: 'AUTOUPDATE-1' });
    const manual = ['203.0.113.7/32', ...scatteredRanges(2)].map((text) => ruleOf(text));
    model.allow(group, manual, false);
    model.allow(
      group,
      scatteredRanges(30, 100).map((text) => ruleOf(text, 22)),
      false,
    );
    await run(model, documentOf(scatteredRanges(40)), RAW_TARGET);
    const own = group.rules.filter(({ own }) => own);
    expect(own).toHaveLength(54 - 33);
    expect(model.groups.flatMap(({ rules }) => rules.filter((one) => one.own))).toHaveLength(38);
    await run(model, documentOf(scatteredRanges(20, 20)), RAW_TARGET, { allowShrink: true });
    expect(group.rules.filter(({ own }) => !own)).toHaveLength(33);
    expect(ownRanges(model)).toEqual(scatteredRanges(20, 20).sort());
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
    for (const text of foreign) model.allow(group, [ruleOf(text)], false);
    for (const text of own) model.allow(group, [ruleOf(text)], true);
    await run(model, documentOf(scatteredRanges(3)), RAW_TARGET);
    expect(kinds(model.calls)).toEqual([...(sealed ? ['seal'] : []), 'authorize']);
  });
});
