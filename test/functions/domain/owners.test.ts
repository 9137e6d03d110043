import { describe, expect, it } from 'vitest';
import { ownerKeys } from '../../../functions/domain/owner-policy.ts';
import {
  hasOwnerByPlace,
  type OwnedResource,
  type OwnerPolicy,
  ownerCandidates,
  ownerOf,
  ownTags,
} from '../../../functions/domain/owners.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { withGoneUnits } from '../../../functions/domain/policy-units.ts';

const SHOP = { account: '333333333333', ouPath: '/Workloads/Production' };
const OWNERS = {
  payments: { mail: ['pay@example.com', 'night@example.com'], tags: ['team=payments', 'pci'] },
  shop: { slack: '#shop', jira: 'SHOP', accounts: [SHOP.account] },
  workloads: { teams: 'Workloads', ous: ['/Workloads'] },
  production: { pagerduty: 'production', ous: ['/Workloads/Production'] },
};
const OWNER_TAGS = {
  keys: ['owner', 'team'],
  domains: ['example.com', '*.example.org'],
  channels: ['#team-*', '#ops'],
};
const policyOf = (more: object): OwnerPolicy => SuturePolicy.parse({ version: 1, controls: {}, ...more });
const POLICY = policyOf({ owners: OWNERS, ownerTags: OWNER_TAGS });
const NO_ACCOUNT = policyOf({ owners: { ...OWNERS, shop: { slack: '#shop' } }, ownerTags: OWNER_TAGS });

const resource = (tags: Record<string, string>, more: Partial<OwnedResource> = {}) => ({ ...SHOP, tags, ...more });
const nameFor = (tags: Record<string, string>, policy = POLICY) => ownerOf(policy, resource(tags))?.name;

describe('the most specific owner wins:', () => {
  it.each<[what: string, tags: Record<string, string>, owner: string]>([
    ['a tag rule of the policy before all others', { team: 'payments', owner: 'shop' }, 'payments'],
    ['a rule for any value', { pci: 'yes' }, 'payments'],
    ['a tag that names an owner, in any case', { owner: 'Workloads' }, 'workloads'],
    ['the keys in their order', { team: 'shop', owner: 'production' }, 'production'],
    ['an address of a domain', { owner: 'ann@example.com' }, 'ann@example.com'],
    ['an address of a domain below one', { owner: 'ann@eu.example.org' }, 'ann@eu.example.org'],
    ['a channel', { team: '#team-web' }, '#team-web'],
    ['the account, without tags', {}, 'shop'],
  ])('%s', (_, tags, owner) => {
    expect(nameFor(tags)).toBe(owner);
  });

  it('then the innermost unit, then those around it, then the security contact', () => {
    const names = ownerCandidates(NO_ACCOUNT, resource({}, { securityContact: 'sec@example.com' }));
    expect(names.map(({ owner }) => owner?.name)).toEqual(['production', 'workloads', 'sec@example.com']);
    const elsewhere = { account: '444444444444', ouPath: '/', tags: {}, securityContact: 'sec@example.com' };
    expect(ownerOf(POLICY, elsewhere)).toEqual({
      name: 'sec@example.com',
      because: 'security contact of account 444444444444',
      places: [{ kind: 'mail', to: 'sec@example.com' }],
    });
    expect(ownerOf(POLICY, { ...elsewhere, securityContact: undefined })).toBeUndefined();
  });

  it('with its places and the reason', () => {
    expect(ownerOf(POLICY, resource({ team: 'payments' }))).toEqual({
      name: 'payments',
      because: 'policy gives resources tagged team=payments to payments',
      places: [
        { kind: 'mail', to: 'pay@example.com' },
        { kind: 'mail', to: 'night@example.com' },
      ],
    });
  });
});

describe('text of a member account', () => {
  it.each<[what: string, value: string, because: RegExp]>([
    ['an address of another domain', 'eve@evil.example', /domain/],
    ['a domain that only ends like one', 'eve@notexample.com', /domain/],
    ['a domain above one', 'eve@example.org', /domain/],
    ['a channel that policy does not allow', '#general', /channel/],
    ['a channel of several', '#team-web,#general', /neither/],
    ['a mention', '<!channel>', /neither/],
    ['two addresses', 'ann@example.com,eve@evil.example', /neither/],
    ['a name of an object', 'constructor', /neither/],
    ['an address in a link', 'mailto:ann@example.com?bcc=eve@evil.example', /neither/],
  ])('is refused with a reason if it is %s', (_, value, because) => {
    const [refused, ...others] = ownerCandidates(POLICY, resource({ owner: value }));
    expect(refused).toEqual({ because: 'tag owner of the resource', value, refused: expect.stringMatching(because) });
    expect(others.map(({ owner }) => owner?.name)).toEqual(['shop', 'production', 'workloads']);
    expect(nameFor({ owner: value })).toBe('shop');
  });

  it('is refused as a security contact too', () => {
    const [refused] = ownerCandidates(
      policyOf({ ownerTags: OWNER_TAGS }),
      resource({}, { securityContact: 'e@evil.com' }),
    );
    expect(refused).toMatchObject({ value: 'e@evil.com', refused: expect.stringContaining('ownerTags.domains') });
  });

  it('names nobody if policy names no keys', () => {
    expect(nameFor({ owner: 'payments' }, policyOf({ owners: OWNERS }))).toBe('shop');
  });
});

it('a unit that is gone owns nothing, and a unit that moved is found by its id', () => {
  const policy = withGoneUnits(SuturePolicy.parse({ version: 1, controls: {}, owners: OWNERS }), {
    '/Workloads': 'ou-1',
  });
  expect(ownerCandidates(policy, resource({})).map(({ owner }) => owner?.name)).toEqual(['shop', 'workloads']);
});

it('the security contact is used only if policy names no owner by account or unit', () => {
  expect(hasOwnerByPlace(POLICY, SHOP)).toBe(true);
  expect(hasOwnerByPlace(POLICY, { account: '444444444444', ouPath: '/Other' })).toBe(false);
});

it("the owner's tags are only those of the policy's keys", () => {
  const keys = ownerKeys(POLICY);
  expect(keys).toEqual(['team=payments', 'team', 'pci', 'owner']);
  expect(ownTags({ owner: 'a', team: 'b', secret: 'c' }, keys)).toEqual({ owner: 'a', team: 'b' });
});
