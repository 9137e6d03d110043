import { describe, expect, it } from 'vitest';
import { ambiguousText, findingIdNamed, findingIdsNamed } from '../../../cli/names/find-findings.ts';
import { resourceNames, resourceTail, shortIds } from '../../../cli/names/short-names.ts';
import { hash } from '../../../functions/domain/trace.ts';
import { ledgerItem, ledgerOperator } from '../../support/ledger-in-memory.ts';

const GROUP = ledgerItem('0f6e1a2b-0000-4000-8000-000000000001');
const SAME_GROUP = ledgerItem('0f6e1a2b-0000-4000-8000-000000000002', {
  ofControl: 'EC2.19',
  ofStatus: 'FAILED',
  ofResource: GROUP.ofResource,
});
const BUCKET = ledgerItem('77aa0000-0000-4000-8000-000000000003', {
  ofControl: 'S3.8',
  ofAccount: '444444444444',
  ofResource: 'arn:aws:s3:::logs',
});
const OTHER_BUCKET = ledgerItem('88aa0000-0000-4000-8000-000000000004', {
  ofControl: 'S3.8',
  ofAccount: '444444444444',
  ofResource: 'arn:aws:s3:::logs-archive',
});
const USER = ledgerItem('99aa0000-0000-4000-8000-000000000005', {
  ofControl: 'IAM.3',
  ofResource: 'arn:aws:iam::333333333333:user/team/ada',
});
const LOGS_OF_PLATFORM = ledgerItem('aaaa0000-0000-4000-8000-000000000006', {
  ofControl: 'S3.8',
  ofAccount: '555555555555',
  ofResource: 'arn:aws:s3:::platform',
});
const EARLIER = 'c0ffee00-1111-4000-8000-000000000001';
const { operator, requests } = ledgerOperator(
  [GROUP, SAME_GROUP, BUCKET, OTHER_BUCKET, USER, LOGS_OF_PLATFORM],
  2,
  { '444444444444': 'shop', '555555555555': 'data-platform' },
  {
    [BUCKET.findingId]: [EARLIER, 'deadbeef-1'],
    [USER.findingId]: ['deadbeef-2'],
  },
);
const EARLIER_TRACE = hash(`arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:${EARLIER}`);

/** More findings than histories that are read for a beginning. */
const MANY = Array.from({ length: 1001 }, (_, n) =>
  ledgerItem(`${String(n).padStart(8, '0')}-0000-4000-8000-000000000007`, {
    changedAt: new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString(),
  }),
);
const idsOf = (...items: readonly { findingId: string }[]) => items.map(({ findingId }) => findingId);

describe('an earlier execution', () => {
  it.each([
    ['is looked for among the findings that changed last', 1, [MANY[1]!.findingId]],
    ['is not looked for in a finding beyond them', 0, undefined],
  ])('%s', async (_, n, ids) => {
    const { operator } = ledgerOperator(MANY, 500, {}, { [MANY[n]!.findingId]: [EARLIER] });
    const named = findingIdsNamed(operator, EARLIER.slice(0, 8));
    if (ids) expect(await named).toEqual(ids);
    else await expect(named).rejects.toThrow('has no finding, execution');
  });
});

describe('a short name', () => {
  it.each<[what: string, name: string, items: readonly { findingId: string }[]]>([
    ['the whole id of a finding', GROUP.findingId, [GROUP]],
    ['the digits of a finding', '77aa0000-0000-4000-8000-000000000003', [BUCKET]],
    ['the first digits of a finding', '77aa', [BUCKET]],
    ['a longer beginning', '0f6e1a2b-0000-4000-8000-000000000001'.slice(0, -1) + '1', [GROUP]],
    ['the name of an execution', 'event-99aa', [USER]],
    ['the first digits of an approval', BUCKET.trace.slice(0, 8), [BUCKET]],
    ['the first digits of a source identity', `suture-${BUCKET.trace.slice(0, 10)}`, [BUCKET]],
    ['the first digits of an earlier execution', 'c0ffee00', [BUCKET]],
    ['the first digits of the source identity of an earlier execution', EARLIER_TRACE.slice(0, 8), [BUCKET]],
    ['that with its word, as CloudTrail has it', `suture-${EARLIER_TRACE.slice(0, 8)}`, [BUCKET]],
    ['the id of a resource, which has two findings', 'sg-0f6e1a2b', [SAME_GROUP, GROUP]],
    ['the beginning of the id of a resource', 'sg-0f6', [SAME_GROUP, GROUP]],
    ['a bucket whose name another bucket begins with', 'logs', [BUCKET]],
    ['the beginning of a bucket', 'logs-', [OTHER_BUCKET]],
    ['a user without its path', 'ada', [USER]],
    ['a user with its path', 'team/ada', [USER]],
    ['a control with an account', 'IAM.3 333333333333', [USER]],
    ['a control in another case', 'iam.3 333333333333', [USER]],
    ['a control with one finding', 'IAM.3', [USER]],
    ['a control with the name of an account', 'S3.8 Data-Platform', [LOGS_OF_PLATFORM]],
  ])('is %s', async (_, name, items) => {
    expect((await findingIdsNamed(operator, name)).toSorted()).toEqual(idsOf(...items).toSorted());
  });
  it.each<[name: string, message: RegExp]>([
    ['deadbeef', /^"deadbeef" names 2 findings. Give the id of one:\n {2}77aa0000 .*\n {2}99aa0000 /],
    [
      '0f6e1a2b',
      /names 2 findings\. Give the id of one:\n {2}0f6e1a2b-0000-4000-8000-000000000002 .*EC2\.19 .*failed .*\n.*EC2\.13/,
    ],
    ['S3.8 444444444444', /names 2 findings.*\n {2}\w{8} +S3\.8 +shop +us-east-1 +fixed +logs(-archive)?\n/],
    ['log', /has no finding, execution or resource "log"\. A beginning takes four/],
    ['logs-archives', /has no finding, execution or resource/],
    ['S3.8 444444444445', /^There is no account "444444444445" in the organization; did you mean 444444444444\?/],
    ['77aa0001', /resource "77aa0001"; did you mean 77aa0000\?/],
    ['EC2.13 999999999999', /^There is no account "999999999999" in the organization\.$/],
    ['EC2.13 555555555555', /has no finding/],
    ['S3.8', /"S3\.8" names 3 findings/],
    ['EC2.131 333333333333', /^There is no control "EC2\.131"; did you mean EC2\.13\?/],
    ['EC2.131 shop', /There is no control "EC2\.131"; did you mean EC2\.13\?/],
    ['EC2.13 data-platfrom', /There is no account "data-platfrom" in the organization; did you mean data-platform\?/],
  ])('lists what tells several apart, or says that there is none: %s', async (name, message) => {
    await expect(findingIdsNamed(operator, name)).rejects.toThrow(message);
  });
  it('is refused where one finding is meant and the resource has two', async () => {
    await expect(findingIdNamed(operator, 'sg-0f6e1a2b')).rejects.toThrow(/names 2 findings/);
    expect(await findingIdNamed(operator, 'ada')).toBe(USER.findingId);
  });
  it('is looked for with a filter of the ledger', async () => {
    await findingIdsNamed(operator, '77aa');
    expect(requests.at(-1)).toEqual({ mentions: '77aa' });
  });
});

describe('short ids', () => {
  it('have eight digits, and more if two begin alike', () => {
    expect(shortIds(idsOf(BUCKET, USER))).toEqual(['77aa0000', '99aa0000']);
    expect(shortIds(idsOf(GROUP, SAME_GROUP)).map((each) => each.length)).toEqual([36, 36]);
    expect(shortIds(idsOf(GROUP, GROUP))).toEqual(['0f6e1a2b', '0f6e1a2b']);
    expect(shortIds(['no/slash/a', 'another/a'])).toEqual(['no/slash/a', 'another/a']);
  });
});

describe('the names of a resource', () => {
  it('are its ARN and the ends of it', () => {
    expect(resourceNames('arn:aws:iam::333333333333:user/team/ada')).toEqual([
      'arn:aws:iam::333333333333:user/team/ada',
      'user/team/ada',
      'team/ada',
      'ada',
    ]);
    expect(resourceTail('arn:aws:logs:us-east-1:333333333333:log-group:/aws/lambda/shop:*')).toBe('shop:*');
    expect(resourceTail('AWS::::Account:333333333333')).toBe('333333333333');
    expect(resourceTail('arn:aws:s3:::logs')).toBe('logs');
  });
});

it('lists findings in a narrow terminal with each resource whole', () => {
  const lines = ambiguousText('0f6e', [GROUP, OTHER_BUCKET], 60).split('\n').slice(1);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines.filter((line) => /^ {4}(sg-0f6e1a2b|logs-archive)$/.test(line))).toHaveLength(2);
  expect(ambiguousText('0f6e', [GROUP, OTHER_BUCKET], 200).split('\n')).toHaveLength(3);
  const names = new Map([['333333333333', 'shop-production']]);
  expect(ambiguousText('0f6e', [GROUP], 200, names)).toMatch(/ {2}shop-production {2}/);
});
