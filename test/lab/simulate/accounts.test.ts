import { describe, expect, it } from 'vitest';
import { accountsFor } from '../../../lab/simulate/accounts.ts';
import { accountsIn } from '../../../lab/simulate/named-places.ts';
import { parseContext } from '../../../stacks/context.ts';

const example = parseContext({
  organizationId: 'o-sandbox0001',
  securityAccount: '111111111111',
  serviceAccount: '222222222222',
  homeRegion: 'us-east-1',
  regions: ['us-east-1'],
  externalId: 'an-external-id',
});
const REAL = { ...example, organizationId: 'o-a1b2c3d4e5' };

it('takes account ids from AwsAccountId, without duplicates and without malformed ids', () => {
  const findings = ['333333333333', '333333333333', '444444444444', '33', 333333333333, undefined];
  expect(accountsIn([...findings.map((AwsAccountId) => ({ AwsAccountId })), null, 'text'])).toEqual([
    '333333333333',
    '444444444444',
  ]);
});

describe("a finding of an account that is also one of Suture's", () => {
  it("makes the account a member in the example organization, where Suture's own account gets another id", () => {
    const { context, members, moved } = accountsFor(example, ['111111111111', '900000000001'], false);
    expect(members).toEqual(['111111111111', '900000000001']);
    expect(context).toMatchObject({ securityAccount: '900000000002', serviceAccount: '222222222222' });
    expect([...moved]).toEqual([['111111111111', '900000000002']]);
  });
  it.each([
    ['with --as-is', example, true],
    ['in a real organization', REAL, false],
  ])('leaves the account to Suture %s', (_, context, asIs) => {
    const found = accountsFor(context, ['111111111111', '333333333333'], asIs);
    expect(found).toMatchObject({ context, members: ['333333333333'] });
    expect(found.moved.size).toBe(0);
  });
});

describe('a finding of the management account', () => {
  const rollout = {
    managementAccount: '999999999999',
    account: '999999999999',
    units: ['r-ab12'],
    roleInManagementAccount: false,
  };
  it.each([
    ['without a rollout', REAL],
    ['in the example organization', { ...example, rollout }],
  ])('makes the account a member %s', (_, context) => {
    const found = accountsFor(context, ['999999999999'], false);
    expect(found).toMatchObject({ management: '900000000001', members: ['999999999999'] });
    expect(found.context.rollout?.managementAccount ?? found.management).toBe('900000000001');
  });
  it('does not make the account a member in a real organization', () => {
    const found = accountsFor({ ...REAL, rollout }, ['999999999999'], false);
    expect(found).toMatchObject({ management: '999999999999', members: [], context: { rollout } });
  });
});
