import { describe, expect, it } from 'vitest';
import { ipRangesTargets, orphanTarget } from '../../ip-ranges/contract/targets.ts';

const OWN = { account: '111111111111', region: 'eu-west-1' };
const targets = (environment: Readonly<Record<string, string>>, ...given: object[]) =>
  ipRangesTargets({ ...environment, ...(given.length > 0 && { IP_RANGES: JSON.stringify({ targets: given }) }) }, OWN);
const tcp = (from: number, to = from) => ({ protocol: 'tcp', from, to });

describe('the variables of the published recipe', () => {
  it('make one target, with defaults', () => {
    expect(targets({})).toMatchObject([
      {
        key: '111111111111/eu-west-1/AUTOUPDATE',
        prefixName: 'AUTOUPDATE',
        ports: [tcp(80)],
        services: ['CLOUDFRONT_ORIGIN_FACING'],
        families: ['IPv4', 'IPv6'],
        mode: 'security-groups',
        cover: 'raw',
        rulesPerGroup: 60,
        groupsPerInterface: 5,
        shrinkLimit: 50,
      },
    ]);
  });
  it('keep their meaning', () => {
    const VPC_ID = 'vpc-0123456789abcdef0';
    const environment = {
      VPC_ID,
      PORTS: '80, 443,8000-8080,53/udp',
      PREFIX_NAME: 'web',
      SERVICE: 'CLOUDFRONT,S3',
      REGION: 'us-east-2',
    };
    expect(targets(environment)).toMatchObject([
      {
        vpcId: VPC_ID,
        ports: [tcp(80), tcp(443), tcp(8000, 8080), { protocol: 'udp', from: 53, to: 53 }],
        prefixName: 'web',
        name: 'web',
        services: ['CLOUDFRONT', 'S3'],
        region: 'us-east-2',
      },
    ]);
  });
  it('are defaults for targets, whose own keys override them', () => {
    const groups = ['sg-0123456789abcdef0'];
    expect(
      targets({ VPC_ID: 'vpc-01234567', PORTS: '443' }, { name: 'a' }, { name: 'b', groups, ports: ['8443'] }),
    ).toMatchObject([
      { name: 'a', vpcId: 'vpc-01234567', ports: [tcp(443)] },
      { name: 'b', groups, ports: [tcp(8443)] },
    ]);
    expect(targets({ VPC_ID: 'vpc-01234567' }, { groups })[0]!.vpcId).toBeUndefined();
  });
});

describe('a target', () => {
  const VPC = 'vpc-01234567';
  it.each<[what: string, given: object]>([
    ['of a VPC', { vpcId: VPC }],
    ['of the last port', { ports: ['1-65535'] }],
    ['of as many rules as AWS takes', { rulesPerGroup: 200, groupsPerInterface: 5 }],
    ['of quotas', { rulesPerGroup: 'quota', groupsPerInterface: 'quota', mode: 'prefix-list', maxEntries: 100 }],
    ['of a quota of groups alone', { rulesPerGroup: 1000, groupsPerInterface: 'quota' }],
    ['of a list as large as a group takes', { mode: 'prefix-list', maxEntries: 60 }],
  ])('%s is valid', (_, given) => {
    expect(targets({}, given)).toMatchObject([{ name: 'AUTOUPDATE' }]);
  });
  it('treats empty variables as absent', () => {
    const empty = { VPC_ID: '', PORTS: '', PREFIX_NAME: '', SERVICE: '', REGION: '' };
    expect(targets(empty)).toEqual(targets({}));
  });
  it('in prefix list mode has no VPC', () => {
    expect(targets({ VPC_ID: VPC }, { mode: 'prefix-list' })[0]!.vpcId).toBeUndefined();
  });
  it('may have the name of a target of another account or Region', () => {
    const far = [{ account: '333333333333' }, { region: 'us-east-1' }];
    expect(targets({}, {}, ...far).map(({ name, others }) => [name, others])).toEqual(
      Array(3).fill(['AUTOUPDATE', []]),
    );
  });
  it('may name a group of one before it that is retired, or after it', () => {
    const groups = ['sg-00000001'];
    const [now, old] = [
      { name: 'shop', groups },
      { name: 'old', groups, retired: true },
    ];
    for (const given of [
      [now, old],
      [old, now],
    ])
      expect(targets({}, ...given)).toHaveLength(2);
  });
});

describe('a wrong configuration', () => {
  it.each<[what: string, environment: Record<string, string>, given: object[], says: RegExp]>([
    ['a port that is not a number', { PORTS: '80,http' }, [], /PORTS, .*ports\.1 is "http": must be a port or a range/],
    ['a range of ports upside down', {}, [{ ports: ['443-80'] }], /targets\.0\.ports\.0 is "443-80": must be a port/],
    ['a port beyond the last', {}, [{ ports: ['65536'] }], /must be a port/],
    ['a malformed VPC id', { VPC_ID: 'web' }, [], /vpcId is "web": must be the id vpc-…/],
    ['a service in small letters', { SERVICE: 'cloudfront' }, [], /must be a service as the document names it/],
    ['an unknown key', {}, [{ port: ['80'] }], /Unrecognized key: "port"/],
    ['groups and a VPC', {}, [{ groups: ['sg-01234567'], vpcId: 'vpc-01234567' }], /vpcId .*beside groups/],
    [
      'groups for a prefix list',
      {},
      [{ mode: 'prefix-list', groups: ['sg-01234567'] }],
      /groups .*in prefix list mode/,
    ],
    ['a VPC for a prefix list', {}, [{ mode: 'prefix-list', vpcId: 'vpc-01234567' }], /vpcId .*in prefix list mode/],
    ['no targets', { IP_RANGES: '{}' }, [], /IP_RANGES: targets: Invalid input/],
    ['more rules than AWS takes', {}, [{ rulesPerGroup: 250, groupsPerInterface: 5 }], /at most 1,000/],
    [
      'two targets that share a group',
      {},
      [
        { name: 'shop', groups: ['sg-01234567', 'sg-00000001'] },
        { name: 'blog', groups: ['sg-00000001'] },
      ],
      /the targets shop and blog in 111111111111, eu-west-1 share sg-00000001: give each groups of its own/,
    ],
    [
      'a list that no group could name',
      {},
      [{ mode: 'prefix-list', maxEntries: 61 }],
      /maxEntries is 61: must be at most rulesPerGroup, 60/,
    ],
    ['a name twice', {}, [{}, {}], /two targets are called AUTOUPDATE in 111111111111, eu-west-1/],
    ['no targets', { IP_RANGES: '{"targets":[]}' }, [], /targets is \[\]: must hold at least one/],
    ['no JSON', { IP_RANGES: '{' }, [], /IP_RANGES: is not JSON/],
  ])('with %s is refused', (_, environment, given, says) => {
    expect(() => targets(environment, ...given)).toThrow(says);
  });
});

describe('targets beside each other', () => {
  it('know the other active targets of their account and Region', () => {
    const given = [
      { name: 'shop' },
      { name: 'blog' },
      { name: 'old', retired: true },
      { name: 'far', region: 'us-east-1' },
    ];
    expect(targets({}, ...given).map(({ name, others }) => [name, others.map((other) => other.name)])).toEqual([
      ['shop', ['blog']],
      ['blog', ['shop']],
      ['old', ['shop', 'blog']],
      ['far', []],
    ]);
  });
  it('may name a group of one that is retired', () => {
    const groups = ['sg-00000001'];
    expect(targets({}, { name: 'shop', groups }, { name: 'old', groups, retired: true })).toHaveLength(2);
  });
  it('are made of what the ledger knows of one that is not configured any more', () => {
    const orphan = orphanTarget({ key: '333333333333/us-east-1/team/web', mode: 'prefix-list' });
    expect(orphan).toMatchObject({
      account: '333333333333',
      region: 'us-east-1',
      name: 'team/web',
      mode: 'prefix-list',
    });
  });
});
