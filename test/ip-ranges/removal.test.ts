/** Plans that remove the leftovers of a former target, unless an interface would lose a rule. */
import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../ip-ranges/planning/cidr.ts';
import { planRemoval, type RemovalState } from '../../ip-ranges/planning/leftovers.ts';
import type { AttachmentPoint, HeldRule, RangeGroup } from '../../ip-ranges/planning/state.ts';

const rule = (text: string): HeldRule => ({
  id: `sgr-${text}`,
  protocol: 'tcp',
  from: 443,
  to: 443,
  cidr: parseCidr(text, 'IPv4'),
});
const RULE = rule('192.0.2.0/24');
const group = (id: string, more: Partial<RangeGroup> = {}): RangeGroup => ({
  ...{ id, name: id, created: true, own: [RULE], foreign: [], shared: false, open: false, alsoOf: [] },
  ...{ foreignWeight: { IPv4: 0, IPv6: 0 }, ...more },
});
const point = (id: string, groups: string[], fixed?: string): AttachmentPoint => ({
  kind: 'interface',
  id,
  groups,
  fixed,
});
const plan = (groups: RangeGroup[], points: AttachmentPoint[] = [], besides: RemovalState['besides'] = new Map()) => {
  const { steps, blocked } = planRemoval({ groups, points, besides, limits: { rules: 60, groups: 5 } });
  return { blocked, steps: steps.map((step) => `${step.kind} ${'point' in step ? step.point.id : step.group}`) };
};
const SUCCESSOR = new Map([['sg-new', [rule('192.0.0.0/16')]]]);

describe('the removal of a former target', () => {
  it.each<[what: string, more: Partial<RangeGroup>, steps: string[]]>([
    ['that the function created deletes it', {}, ['delete sg-1']],
    ['that people created revokes its rules', { created: false }, ['revoke sg-1']],
    ['in which people have rules revokes its own', { shared: true }, ['revoke sg-1']],
    ['in which people have rules, without its own, changes nothing', { shared: true, own: [] }, []],
  ])('of a group %s', (_, more, steps) => {
    expect(plan([group('sg-1', more)])).toEqual({ steps, blocked: [] });
  });
  it('detaches a group from an interface if another group of it lets in the same', () => {
    const points = [point('eni-1', ['sg-1', 'sg-new']), point('eni-2', ['sg-2', 'sg-new'])];
    const people = group('sg-2', { created: false });
    expect(plan([group('sg-1'), people], points, SUCCESSOR)).toEqual({
      steps: ['revoke sg-2', 'detach eni-1', 'delete sg-1'],
      blocked: [],
    });
  });
  it('is blocked at an interface that would lose rules, and goes on at others', () => {
    const points = [point('eni-1', ['sg-1', 'sg-people']), point('eni-2', ['sg-2', 'sg-new'])];
    expect(plan([group('sg-1'), group('sg-2')], points, SUCCESSOR)).toEqual({
      steps: ['detach eni-2', 'delete sg-2'],
      blocked: [expect.stringMatching(/^eni-1 has sg-1 and would lose 1 rule .*443\/tcp from 192.0.2.0\/24/)],
    });
  });
  it('revokes rules that people have in the same group too', () => {
    const shared = group('sg-1', { shared: true, foreign: [rule('192.0.2.0/24')] });
    expect(plan([shared], [point('eni-1', ['sg-1'])])).toEqual({ steps: ['revoke sg-1'], blocked: [] });
    expect(plan([shared], [point('eni-1', ['sg-1'], 'a service manages it')]).blocked).toEqual([]);
  });
  it.each<[what: string, at: AttachmentPoint, own: readonly HeldRule[], says: RegExp]>([
    ['no other group', point('eni-1', ['sg-1']), [], /eni-1 has sg-1 and no other group: attach another one first/],
    [
      'a service that manages it',
      point('eni-1', ['sg-1', 'sg-new'], 'a service manages it'),
      [RULE],
      /a service manages it: detach them/,
    ],
  ])('is blocked at an interface with %s', (_, at, own, says) => {
    expect(plan([group('sg-1', { own })], [at], SUCCESSOR)).toEqual({
      steps: [],
      blocked: [expect.stringMatching(says)],
    });
  });
});
