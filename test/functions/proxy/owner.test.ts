import { expect, it } from 'vitest';
import type { Job } from '../../../functions/domain/job.ts';
import { withOwner } from '../../../functions/proxy/owner.ts';

const ownerNamed = (name: string) => ({
  name,
  because: 'policy',
  places: [{ kind: 'slack' as const, to: `#${name}` }],
});
const POLICY = { owners: { shop: { slack: '#shop', tags: ['team=shop'] } } };
const after = (result: object): Job =>
  ({ finding: { id: 'finding', account: '333333333333' }, owner: ownerNamed('account'), result }) as unknown as Job;

it('a compliant resource keeps the owner that was told; other results without tags keep the owner of triage', () => {
  const compliant = after({ kind: 'compliant', because: '' });
  const refused = after({ kind: 'refused', because: '' });
  expect(withOwner(compliant, POLICY, ownerNamed('team')).owner?.name).toBe('team');
  expect(withOwner(compliant, POLICY, undefined).owner?.name).toBe('account');
  expect(withOwner(refused, POLICY, ownerNamed('team')).owner?.name).toBe('account');
});

it('live tags decide, whoever was told before', () => {
  const fixed = (ownerTags: object) => withOwner(after({ kind: 'fixed', ownerTags }), POLICY, ownerNamed('team')).owner;
  expect(fixed({ team: 'shop' })?.name).toBe('shop');
  expect(fixed({})).toBeUndefined();
});
