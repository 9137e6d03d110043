/** Random documents, limits, rules of people, faults and crashes: no call removes an address that is still wanted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAMILIES, type Family } from '../../ip-ranges/planning/cidr.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { heldRanges } from '../../ip-ranges/planning/plan.ts';
import { type GroupStep, type IngressRule, ruleKey } from '../../ip-ranges/planning/state.ts';
import { awsError, Model } from './model.ts';
import { documentOf, rangesTarget, run } from './support.ts';

/** Number of addresses of each family, small enough to compare every address. */
const SPACE = 64;
const PORTS = [80, 81, 443, 500] as const;

function letIn(rules: readonly IngressRule[]): Set<string> {
  const all = new Set<string>();
  for (const { cidr, protocol, from, to } of rules) {
    const size = cidr.family === 'IPv4' ? 32 : 128;
    const width = 2 ** (size - cidr.bits.length);
    const first = Number.parseInt(cidr.bits.padEnd(size, '0').slice(-6), 2);
    for (let n = first; n < first + width; n++)
      for (const port of PORTS) if (port >= from && port <= to) all.add(`${cidr.family} ${n} ${protocol} ${port}`);
  }
  return all;
}

const both = (a: Set<string>, b: Set<string>) => new Set([...a].filter((each) => b.has(each)));
const missing = (wanted: Set<string>, from: Set<string>) => [...wanted].filter((each) => !from.has(each));

/** The addresses that each interface lets in, and those that all groups let in together. */
const views = (model: Model): Map<string, Set<string>> =>
  new Map([
    ['groups', letIn(model.groups.flatMap(({ rules }) => rules))],
    ...model.points.map(
      ({ id, groups }) =>
        [id, letIn(model.groups.filter((group) => groups.includes(group.id)).flatMap(({ rules }) => rules))] as const,
    ),
  ]);

const text = (family: Family, first: number, length: number) =>
  family === 'IPv4' ? `192.0.2.${first}/${length}` : `2001:db8::${first.toString(16)}/${length}`;
/** /26 to /32, or /122 to /128: a block of the space. */
const range = fc
  .record({
    family: fc.constantFrom<Family>('IPv4', 'IPv6'),
    bits: fc.integer({ min: 0, max: 4 }),
    at: fc.nat(SPACE - 1),
  })
  .map(({ family, bits, at }) => text(family, at - (at % 2 ** bits), (family === 'IPv4' ? 32 : 128) - bits));
const ranges = fc.uniqueArray(range, { minLength: 1, maxLength: 40 });
const ports = fc.constantFrom(['80'], ['443'], ['80', '443'], ['80-443'], ['80', '443/udp'], ['81', '80']);
const FAULTS = [
  'RequestLimitExceeded',
  'InvalidPermission.Duplicate',
  'InvalidSecurityGroupRuleId.NotFound',
  'RulesPerSecurityGroupLimitExceeded',
  'InvalidGroup.NotFound',
];
const fault = fc.oneof(
  { weight: 12, arbitrary: fc.constant('none') },
  { weight: 2, arbitrary: fc.constantFrom(...FAULTS) },
  { weight: 1, arbitrary: fc.constant('answer lost') },
  { weight: 1, arbitrary: fc.constant('crash') },
);

const world = fc.record({
  documents: fc.array(fc.record({ ranges, ports, cover: fc.constantFrom('raw', 'minimal') }), {
    minLength: 1,
    maxLength: 4,
  }),
  limit: fc.integer({ min: 4, max: 12 }),
  interfaces: fc.nat(2),
  peoples: fc.array(range, { maxLength: 2 }),
  faults: fc.array(fault, { maxLength: 30 }),
});

const tightWorld = fc.record({
  documents: fc.array(fc.record({ ranges, ports, cover: fc.constantFrom('raw', 'minimal') }), {
    minLength: 2,
    maxLength: 5,
  }),
  limit: fc.integer({ min: 3, max: 10 }),
  groups: fc.integer({ min: 4, max: 12 }),
  interfaces: fc.array(fc.record({ full: fc.nat(3), fixed: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  allowShrink: fc.boolean(),
});

class Crash extends Error {}

const groupIds = (model: Model) => model.groups.map(({ id }) => id);
const counts = (groups: readonly { readonly rules: readonly IngressRule[] }[]) =>
  FAMILIES.map((family) => groups.flatMap(({ rules }) => rules).filter(({ cidr }) => cidr.family === family).length);

/** Groups that a plan authorizes, or revokes, more than once. */
const twice = (steps: readonly GroupStep[]) =>
  steps.filter(
    (step, n) =>
      (step.kind === 'authorize' || step.kind === 'revoke') &&
      steps.slice(0, n).some((other) => other.kind === step.kind && other.group === step.group),
  );

describe('after every single call', () => {
  it('the groups let in every address that they let in before and that is still wanted', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ documents, limit, interfaces, peoples, faults }) => {
        const model = new Model({ limits: { rules: limit, groups: 60 } });
        const origin = model.add({ name: 'AUTOUPDATE-1', created: false });
        const byPeople = documentOf(peoples);
        const foreign = wantedRanges(byPeople, { ...rangesTarget({ cover: 'raw' }) }).ranges;
        model.allow(
          origin,
          foreign.slice(0, limit - 3).map((cidr) => ({ protocol: 'tcp', from: 443, to: 443, cidr })),
          false,
        );
        const untouched = origin.rules.map(ruleKey);
        for (let n = 0; n < interfaces; n++) model.attachTo(`eni-${n}`, [origin.id, 'sg-of-people']);
        const pending = [...faults];
        model.fault = () => {
          const next = pending.shift() ?? 'none';
          if (next === 'none') return undefined;
          if (next === 'crash') return pending.length % 2 ? new Crash() : { after: new Crash() };
          if (next === 'answer lost') return { after: Object.assign(awsError('TimeoutError'), { $fault: 'server' }) };
          return awsError(next);
        };
        for (const { ranges, ports, cover } of documents) {
          const target = rangesTarget({ ports, cover });
          const wanted = letIn(
            wantedRanges(documentOf(ranges), target).ranges.flatMap((cidr) =>
              target.ports.map((of) => ({ ...of, cidr })),
            ),
          );
          const before = [...views(model)].map(([view, all]) => [view, both(all, wanted)] as const);
          model.onCall = (step) => {
            const now = views(model);
            for (const [view, needed] of before) {
              const lost = missing(needed, now.get(view)!);
              if (lost.length > 0)
                throw new Error(`${view} lost ${lost[0]} by ${step.kind} of ${JSON.stringify((step as any).group)}`);
            }
          };
          // After a crash at any call, the next run finishes.
          for (let attempt = 0; attempt < 40; attempt++)
            try {
              await run(model, documentOf(ranges), target, { allowShrink: true });
              break;
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
            }
          const own = model.groups.flatMap(({ rules }) => rules);
          expect(missing(letIn(own.filter((rule) => rule.own)), wanted)).toEqual([]);
          for (const [view, all] of views(model)) expect([view, missing(wanted, all)]).toEqual([view, []]);
          expect(
            model.groups
              .find(({ id }) => id === origin.id)!
              .rules.filter((rule) => !rule.own)
              .map(ruleKey),
          ).toEqual(untouched);
          for (const { groups } of model.points) expect(groups).toContain('sg-of-people');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('without faults, groups are few, get one Authorize and one Revoke each, and keep published rules in place', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ documents, limit, interfaces }) => {
        const model = new Model({ limits: { rules: limit, groups: 60 } });
        for (const { ranges, ports, cover } of documents) {
          const target = rangesTarget({ ports, cover });
          const before = new Map(model.groups.map(({ id, rules }) => [id, rules]));
          model.plans.length = 0;
          await run(model, documentOf(ranges), target, { allowShrink: true });
          if (model.points.length === 0)
            for (let n = 0; n < interfaces; n++) model.attachTo(`eni-${n}`, [...groupIds(model)]);

          expect(model.plans.flatMap(twice)).toEqual([]);
          const most = Math.ceil(Math.max(...counts(model.groups)) / (0.9 * limit)) + 1;
          expect(model.groups.length).toBeLessThanOrEqual(Math.max(most, before.size));
          // If old and new rules fit beside each other, one plan is enough.
          const room = Math.floor(0.9 * limit) * Math.max(most, before.size);
          const [old, now] = [counts([...before.values()].map((rules) => ({ rules }))), counts(model.groups)];
          if (old.every((count, n) => count + now[n]! <= room))
            expect(model.plans.filter(({ length }) => length > 0).length).toBeLessThanOrEqual(1);

          const wanted = new Set(model.groups.flatMap(({ rules }) => rules.map(ruleKey)));
          for (const [id, rules] of before) {
            const still = model.groups.find((group) => group.id === id)!.rules.map((rule) => rule.id);
            const moved = rules.filter((rule) => wanted.has(ruleKey(rule)) && !still.includes(rule.id));
            expect(moved).toEqual([]);
          }
          // A second run of the same document has no step.
          model.calls.length = 0;
          await run(model, documentOf(ranges), target);
          expect(model.calls).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('with too little room or fixed interfaces, whatever fits is let in', async () => {
    await fc.assert(
      fc.asyncProperty(tightWorld, async ({ documents, limit, groups, interfaces, allowShrink }) => {
        const model = new Model({ limits: { rules: limit, groups } });
        for (const { ranges, ports, cover } of documents) {
          const target = rangesTarget({ ports, cover });
          const { ranges: cidrs } = wantedRanges(documentOf(ranges), target);
          const wanted = letIn(cidrs.flatMap((cidr) => target.ports.map((of) => ({ ...of, cidr }))));
          const before = [...views(model)].map(([view, all]) => [view, all] as const);
          const options = { allowShrink, baseline: heldRanges(await model.read()) };
          model.onCall = (step) => {
            const now = views(model);
            for (const [view, held] of before) {
              const lost = missing(both(held, wanted), now.get(view)!);
              if (lost.length > 0) throw new Error(`${view} lost ${lost[0]} by ${step.kind}`);
            }
          };
          const failed = await run(model, documentOf(ranges), target, options).then(
            () => undefined,
            (error) => error,
          );
          if (failed) expect(['TargetBlocked', 'DocumentRefused']).toContain(failed.name);
          else for (const [, all] of views(model)) expect(missing(wanted, all)).toEqual([]);
          if (!failed) expect(missing(letIn(model.groups.flatMap(({ rules }) => rules)), wanted)).toEqual([]);
          // A second run has no step, so everything that fits is let in.
          model.calls.length = 0;
          await run(model, documentOf(ranges), target, options).catch(() => undefined);
          expect(model.calls).toEqual([]);
          if (model.points.length === 0)
            for (const { full, fixed } of interfaces) {
              model.attachTo(`eni-${model.points.length}`, [...groupIds(model), ...Array(full).fill('sg-of-people')]);
              if (fixed) model.points.at(-1)!.fixed = 'a service manages it';
            }
        }
      }),
      { numRuns: 150 },
    );
  });
});
