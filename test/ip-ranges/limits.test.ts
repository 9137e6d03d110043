/** Limits of an account: configured, read from Service Quotas, or learned from refusals. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { describe, expect, it } from 'vitest';
import { limitSource, limitsAfter, listWeights, weightOf } from '../../ip-ranges/function/limits.ts';
import { FAMILIES, type Family } from '../../ip-ranges/planning/cidr.ts';
import type { GroupState, GroupStep, IngressRule, RangeGroup } from '../../ip-ranges/planning/state.ts';
import { awsError } from './model.ts';
import { rangesTarget } from './support.ts';

const QUOTAS = { 'L-0EA8095F': 60, 'L-2AFB9258': 5 };
/** Service Quotas has these quotas, and no value for others. */
function sourceOf(options: object, quotas: Readonly<Record<string, number>> | undefined = QUOTAS) {
  const asked: string[] = [];
  const send = async ({ input }: { input: { ServiceCode: string; QuotaCode: string } }) => {
    asked.push(`${input.ServiceCode}/${input.QuotaCode}`);
    return { Quota: { Value: quotas[input.QuotaCode] } };
  };
  const client = Object.assign(new ServiceQuotasClient({}), { send });
  return { ...limitSource(rangesTarget(options), client as unknown as ServiceQuotasClient), asked };
}
const STATE: GroupState = { groups: [], points: [], limits: { rules: 60, groups: 5 } };
const AUTHORIZE: GroupStep = { kind: 'authorize', group: 'AUTOUPDATE-1', rules: [] };
const ATTACH: GroupStep = {
  kind: 'attach',
  point: { kind: 'interface', id: 'eni-1', groups: ['a', 'b'] },
  groups: ['c'],
};
const refused = awsError('RulesPerSecurityGroupLimitExceeded');
const full = awsError('SecurityGroupsPerInterfaceLimitExceeded');

const rules = (IPv4: number, IPv6: number): IngressRule[] =>
  [...Array(IPv4).fill('IPv4'), ...Array(IPv6).fill('IPv6')].map((family: Family, n) => {
    const cidr = { family, bits: n.toString(2).padStart(24, '0') };
    return { protocol: 'tcp', from: 443, to: 443, cidr };
  });
const holding = (id: string, IPv4: number, IPv6: number): RangeGroup => ({
  ...{ id, name: id, created: true, shared: false, open: false, alsoOf: [], foreign: [] },
  ...{ own: rules(IPv4, IPv6).map((rule, n) => ({ ...rule, id: `sgr-${n}` })), foreignWeight: { IPv4: 3, IPv6: 0 } },
});

describe('a refusal', () => {
  it('by a group with rules limits that group to its current size, for the families that were added', () => {
    const state = { ...STATE, groups: [holding('sg-1', 30, 0), holding('sg-2', 10, 5)] };
    const limits = limitsAfter(refused, { kind: 'authorize', group: 'sg-1', rules: rules(2, 0) }, state);
    const step: GroupStep = { kind: 'authorize', group: 'sg-2', rules: rules(0, 1) };
    expect([...limitsAfter(refused, step, { ...state, limits }).full!]).toEqual([
      ['sg-1', { IPv4: 33, IPv6: 60 }],
      ['sg-2', { IPv4: 60, IPv6: 5 }],
    ]);
  });
  it.each([
    [10, 4],
    [4, 10],
  ])('by an empty group halves the limit: of %i and %i rules', (IPv4, IPv6) => {
    const step: GroupStep = { kind: 'authorize', group: 'new', rules: rules(IPv4, IPv6) };
    expect(limitsAfter(refused, step, STATE)).toMatchObject({ rules: 5 });
  });
});

describe('the weight of a list', () => {
  const weighed = async (PrefixListIds: string[], lists: object[]) => {
    const asked: object[] = [];
    const send = async ({ input }: { input: object }) => {
      asked.push(input);
      return { PrefixLists: lists };
    };
    const client = Object.assign(new EC2Client({}), { send }) as unknown as EC2Client;
    const named = PrefixListIds.map((PrefixListId) => ({ PrefixListId }));
    return { weights: await listWeights(named, client), asked };
  };
  it('is its maximum size, or one if the size is unknown', async () => {
    const lists = [
      { PrefixListId: 'pl-1', AddressFamily: 'IPv4', MaxEntries: 7 },
      { PrefixListId: 'pl-2', AddressFamily: 'IPv6', PrefixListName: 'com.amazonaws.global.unheard-of' },
    ];
    const { weights, asked } = await weighed(['pl-1', 'pl-2', 'pl-1'], lists);
    expect([[...weights.values()].map(({ entries }) => entries), asked.length]).toEqual([[7, 1], 1]);
  });
  it.each([
    [{ CidrIpv4: '192.0.2.0/24' }, [1, 0]],
    [{ CidrIpv6: '2001:db8::/32' }, [0, 1]],
    [{ ReferencedGroupInfo: {} }, [1, 1]],
  ])('is one for any other rule: %j', (rule, weights) => {
    expect(FAMILIES.map((family) => weightOf([rule], family, new Map()))).toEqual(weights);
  });
  it('is not asked for where no rule names a list', async () => {
    expect(await weighed([], [])).toEqual({ weights: new Map(), asked: [] });
  });
});

describe('limits', () => {
  it('are those configured, without a call of Service Quotas', async () => {
    const { read, asked } = sourceOf({ rulesPerGroup: 20, groupsPerInterface: 7 });
    expect([await read(), asked]).toEqual([{ rules: 20, groups: 7 }, []]);
  });
  it('are those of Service Quotas if configured as "quota", read once', async () => {
    const { read, asked } = sourceOf({ rulesPerGroup: 'quota', groupsPerInterface: 'quota' });
    await read();
    expect([await read(), asked]).toEqual([{ rules: 60, groups: 5 }, ['vpc/L-0EA8095F', 'vpc/L-2AFB9258']]);
  });
  it('block the target if Service Quotas has no value', async () => {
    await expect(sourceOf({ rulesPerGroup: 'quota' }, {}).read()).rejects.toMatchObject({
      name: 'TargetBlocked',
      message: expect.stringMatching(/no value for vpc\/L-0EA8095F.*configure it as a number/),
    });
  });
  it.each([
    ['rules', refused, AUTHORIZE, { rules: 60, groups: 5 }, { rulesPerGroup: 100, groupsPerInterface: 5 }],
    ['groups', full, ATTACH, { rules: 60, groups: 5 }, { rulesPerGroup: 60, groupsPerInterface: 16 }],
  ] as const)(
    'are those of a lower quota, which is read before anything is learned: %s',
    async (_, error, step, limits, options) => {
      const { read, learn } = sourceOf(options);
      await learn(step, error, []);
      expect(await read()).toEqual(limits);
    },
  );
  it.each<[what: string, quotas: Record<string, number> | undefined]>([
    ['are as high as configured', { 'L-0EA8095F': 20, 'L-2AFB9258': 3 }],
    ['are higher', QUOTAS],
    ['are not known', {}],
  ])('are learned from the refusal if quotas %s, and are never raised', async (_, quotas) => {
    const { read, learn } = sourceOf({ rulesPerGroup: 20, groupsPerInterface: 3 }, quotas);
    await learn(ATTACH, full, []);
    expect(await read()).toEqual({ rules: 20, groups: 2 });
    await learn(AUTHORIZE, refused, []);
    expect(await read()).toEqual({ rules: 1, groups: 2 });
  });
  it.each<GroupStep>([AUTHORIZE, ATTACH, { kind: 'create', group: 'AUTOUPDATE-1' }])(
    'are neither read nor learned after other errors: $kind',
    async (step) => {
      const { read, learn, asked } = sourceOf({});
      await learn(step, awsError('RequestLimitExceeded'), []);
      expect([await read(), asked]).toEqual([STATE.limits, []]);
    },
  );
});
