import { describe, expect, it } from 'vitest';
import { canonical } from '../../../../functions/contract/is-equal.ts';
import closeAdminPorts from '../../../../functions/remediations/ec2/close-admin-ports/index.ts';
import closeHighRiskPorts from '../../../../functions/remediations/ec2/close-high-risk-ports/index.ts';
import { onlyPorts, withoutPorts } from '../../../../functions/remediations/ec2/ports.ts';
import restrictOpenPorts from '../../../../functions/remediations/ec2/restrict-open-ports/index.ts';
import type { CidrRule } from '../../../../functions/remediations/ec2/rules.ts';
import { ruleChangeText, rulesText } from '../../../../functions/remediations/ec2/summary.ts';

/** `tcp 22`, `udp 0-65535 ::/0`, `-1`; from everybody over IPv4 if no peer is named. */
function rule(text: string, description?: string): CidrRule {
  const [protocol = '', ports = '-1', cidr = '0.0.0.0/0'] = text.split(' ');
  const [from, to = from] = ports === '-1' ? [-1] : ports.split('-').map(Number);
  return { protocol, from: from!, to: to!, cidr, ...(description && { description }) };
}
const rules = (...texts: string[]) => texts.map((text) => rule(text));
const ALL = '-1 -1 ::/0';

const CLOSED: [what: string, ports: number[], from: string[], to: string[]][] = [
  ['the port alone', [22], ['tcp 22'], []],
  ['the middle of a range', [22], ['tcp 20-25'], ['tcp 20-21', 'tcp 23-25']],
  ['the first port of a range', [22], ['tcp 22-25'], ['tcp 23-25']],
  ['the last port of a range', [22], ['tcp 20-22'], ['tcp 20-21']],
  ['the range of all ports', [22], ['tcp 0-65535'], ['tcp 0-21', 'tcp 23-65535']],
  ['the first port of all', [0], ['tcp 0-65535'], ['tcp 1-65535']],
  ['the last port of all', [65_535], ['tcp 0-65535'], ['tcp 0-65534']],
  ['neighbouring ports', [20, 21, 22], ['tcp 19-23'], ['tcp 19', 'tcp 23']],
  ['ports in any order, and twice', [25, 22, 22], ['tcp 21-26'], ['tcp 21', 'tcp 23-24', 'tcp 26']],
  ['each rule by itself', [22], ['tcp 22', 'tcp 22 ::/0', 'tcp 443'], ['tcp 443']],
  [
    'overlapping rules to parts without repetition',
    [22],
    ['tcp 0-30', 'tcp 0-40'],
    ['tcp 0-21', 'tcp 23-30', 'tcp 23-40'],
  ],
  ['all traffic whole', [22], [ALL, 'tcp 443 ::/0'], ['tcp 443 ::/0']],
  ['nothing of UDP', [22], ['udp 22'], ['udp 22']],
  ['nothing of ICMP', [22], ['icmp'], ['icmp']],
  ['nothing of other protocols', [50], ['50'], ['50']],
  ['nothing of other ports', [22], ['tcp 23-80'], ['tcp 23-80']],
  ['nothing if there are no rules', [22], [], []],
];

it.each(CLOSED)('closing ports handles %s', (_, ports, from, to) => {
  expect(rulesText(withoutPorts(rules(...from), ports))).toBe(rulesText(rules(...to)));
});

const WEB = { tcp: [80, 443], udp: [] };
const AUTHORIZED: [what: string, authorized: { tcp: number[]; udp: number[] }, from: string[], to: string[]][] = [
  ['an authorized port', WEB, ['tcp 443'], ['tcp 443']],
  ['nothing of another port', WEB, ['tcp 22'], []],
  ['the authorized ports of a range', WEB, ['tcp 0-1024'], ['tcp 80', 'tcp 443']],
  ['one at the end of a range', WEB, ['tcp 443-500'], ['tcp 443']],
  ['neighbours as one range', { tcp: [443, 81, 80], udp: [] }, ['tcp 0-1024'], ['tcp 80-81', 'tcp 443']],
  ['a range of authorized neighbours', { tcp: [80, 81], udp: [] }, ['tcp 80-81'], ['tcp 80-81']],
  ['the authorized ports of all traffic', { tcp: [80], udp: [500] }, [ALL], ['tcp 80 ::/0', 'udp 500 ::/0']],
  ['no UDP if none is authorized', WEB, ['udp 443'], []],
  ['UDP if it is authorized', { tcp: [80], udp: [443] }, ['udp 0-65535', 'tcp 443'], ['udp 443']],
  ['ICMP and other protocols, which have no ports', WEB, ['icmp', '50'], ['icmp', '50']],
];

it.each(AUTHORIZED)('restricting to authorized ports handles %s', (_, authorized, from, to) => {
  expect(rulesText(onlyPorts(rules(...from), authorized))).toBe(rulesText(rules(...to)));
});

it('gives the parts of a rule its description', () => {
  expect(withoutPorts([rule('tcp 20-22', 'for now')], [21])).toEqual([
    rule('tcp 20', 'for now'),
    rule('tcp 22', 'for now'),
  ]);
});

it('keeps the description of a part that is already a rule', () => {
  const before = [rule('tcp 20-22', 'for now'), rule('tcp 20', 'since long')];
  expect(withoutPorts(before, [21])).toEqual([rule('tcp 20', 'since long'), rule('tcp 22', 'for now')]);
});

describe('several controls on one group', () => {
  const CONTROLS = [closeAdminPorts, closeHighRiskPorts, restrictOpenPorts].flatMap((module) =>
    module.handles.controls.map((control) => {
      const context = { control, params: module.params.parse({}) } as never;
      const want = (publicRules: CidrRule[]) =>
        (module.want({ publicRules }, context) as { publicRules: CidrRule[] }).publicRules;
      return { control, want };
    }),
  );
  const pairs = CONTROLS.flatMap((first) =>
    CONTROLS.map((second) => [first.control, second.control, first, second] as const),
  );
  const before = [
    rule('tcp 0-65535', 'everything'),
    rule('tcp 22 ::/0'),
    rule('tcp 80'),
    rule('tcp 3000-9300 ::/0'),
    rule('udp 0-65535'),
    rule('icmp'),
    rule(ALL),
  ];

  it.each(pairs)('%s stays fixed when %s is fixed after it', (_, __, first, second) => {
    const both = second.want(first.want(before));
    expect(canonical(first.want(both))).toBe(canonical(both));
    expect(canonical(second.want(both))).toBe(canonical(both));
  });

  it.each(CONTROLS)('$control opens nothing that was closed', ({ want }) => {
    for (const after of want(before)) expect(before.some((rule) => covers(rule, after))).toBe(true);
  });
});

const covers = (wide: CidrRule, narrow: CidrRule) =>
  wide.cidr === narrow.cidr &&
  (wide.protocol === '-1' || (wide.protocol === narrow.protocol && wide.from <= narrow.from && narrow.to <= wide.to));

const WORDS: [change: string, from: object, to: object, words: string][] = [
  [
    'a narrowing',
    { inbound: rules('tcp 20-23') },
    { inbound: rules('tcp 20-21', 'tcp 23') },
    'removed tcp 20-23 from 0.0.0.0/0, added tcp 20-21 from 0.0.0.0/0, tcp 23 from 0.0.0.0/0',
  ],
  [
    'rules of both directions',
    { inbound: [{ protocol: '-1', from: -1, to: -1, group: 'sg-1' }], outbound: rules('-1') },
    {},
    'removed all traffic from sg-1, removed all traffic to 0.0.0.0/0',
  ],
  [
    'protocols without ports',
    { inbound: [rule('icmp'), { protocol: '50', from: -1, to: -1, prefixList: 'pl-1' }] },
    {},
    'removed icmp from 0.0.0.0/0, protocol 50 from pl-1',
  ],
  ['nothing', { inbound: rules('tcp 22') }, { inbound: rules('tcp 22') }, ''],
];

it.each(WORDS)('%s in words', (_, from, to, words) => {
  expect(ruleChangeText(from, to)).toBe(words);
});

it('the summary names what is removed together with all traffic, and what stays', () => {
  const [before, after] = [rules(ALL, 'tcp 443'), rules('tcp 443')];
  expect(closeAdminPorts.summary({ publicRules: before }, { publicRules: after })).toBe(
    'removed all traffic from ::/0; with all traffic go all TCP and UDP ports, ICMP and every other protocol: ' +
      'what stays open to everybody is tcp 443 from 0.0.0.0/0',
  );
  expect(closeAdminPorts.summary({ publicRules: rules(ALL) }, { publicRules: [] })).toMatch(/is nothing$/);
});
