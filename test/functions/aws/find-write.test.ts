import type { Event } from '@aws-sdk/client-cloudtrail';
import { describe, expect, it } from 'vitest';
import { writeFinder } from '../../../functions/aws/find-write.ts';

const ACCOUNT = '333333333333';
const SINCE = Date.parse('2026-03-10T12:00:00.500Z');
const AT = new Date('2026-03-10T13:00:00Z');
const OWN_ROLES = `arn:aws:iam::${ACCOUNT}:role/suture/`;
const QUESTION = { names: ['orders', 'arn:orders'], region: 'eu-west-1', since: SINCE };
const session = (role: string, name: string, path = '/') => ({
  type: 'AssumedRole',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
  sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${ACCOUNT}:role${path}${role}` } },
});
const CI = session('ci', 'apply');
const OWN = session('suture-member', 'sqs-encrypt-queues', '/suture/');

const eventOf = (userIdentity: object, more: Partial<Event> = {}, record: object = {}): Event => ({
  ...{ ReadOnly: 'false', EventTime: AT, CloudTrailEvent: JSON.stringify({ userIdentity, ...record }) },
  ...more,
});

type Page = readonly Event[] | Error;

/** Answers each name with its pages. */
async function ask(answers: Readonly<Record<string, readonly Page[]>>) {
  const [calls, lines]: [string[], string[]] = [[], []];
  const clientIn = (region: string) => ({
    send: async ({ input }: { input: any }) => {
      const [{ AttributeKey, AttributeValue }] = input.LookupAttributes;
      const page = Number(input.NextToken ?? 0);
      calls.push(`${region} ${AttributeKey}=${AttributeValue} since ${input.StartTime.toISOString()} page ${page}`);
      const pages = answers[AttributeValue] ?? [];
      const Events = pages[page] ?? [];
      if (Events instanceof Error) throw Events;
      return { Events, ...(page + 1 < pages.length && { NextToken: String(page + 1) }) };
    },
  });
  const warn = (message: string) => void lines.push(message);
  const write = await writeFinder({ clientIn: clientIn as never, ownRoles: OWN_ROLES, warn })(QUESTION);
  return { write, calls, lines };
}
const byOf = async (...events: Event[]) => (await ask({ orders: [events] })).write?.by;
const FIRST = 'eu-west-1 ResourceName=orders since 2026-03-10T12:00:00.500Z page 0';
const NONE = 'who undid the fix is not known: CloudTrail has no such event';

it('returns the newest write after the fix, of the first name that has one', async () => {
  const newest = eventOf(CI);
  const older = eventOf(session('other', 'x'), { EventTime: new Date(AT.getTime() - 60_000) });
  expect(await ask({ orders: [[newest, older]] })).toEqual({
    write: { by: 'role ci (session apply)', at: AT.getTime(), source: 'CloudTrail' },
    calls: [FIRST],
    lines: [],
  });
  const { write, calls } = await ask({ 'arn:orders': [[newest]] });
  expect(write?.by).toBe('role ci (session apply)');
  expect(calls).toEqual([FIRST, FIRST.replace('=orders', '=arn:orders')]);
});

it.each<[what: string, event: Event]>([
  ['reads', eventOf(CI, { ReadOnly: 'true' })],
  ['may have read', eventOf(CI, { ReadOnly: undefined })],
  ['failed', eventOf(CI, {}, { errorCode: 'AccessDenied' })],
  ["are Suture's own", eventOf(OWN)],
  ['were made before the fix', eventOf(CI, { EventTime: new Date(SINCE - 500) })],
])('skips calls that %s', async (_, event) => {
  expect(await ask({ orders: [[event]] })).toMatchObject({ write: undefined, lines: [NONE] });
  expect(await byOf(event, eventOf(session('ci', 'next')))).toBe('role ci (session next)');
});

it('reads two pages of each name at most', async () => {
  const reads = [eventOf(CI, { ReadOnly: 'true' })];
  expect(await ask({ orders: [reads, [eventOf(CI)]] })).toMatchObject({ write: { at: AT.getTime() } });
  const { write, calls } = await ask({ orders: [reads, reads, [eventOf(CI)]] });
  expect({ write, pages: calls.length }).toEqual({ write: undefined, pages: 3 });
});

describe('the caller', () => {
  it.each<[name: string, identity: object]>([
    ['user ann', { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/people/ann` }],
    ['root', { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` }],
    ['autoscaling.amazonaws.com', { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }],
    ['somebody', { type: 'AWSAccount', accountId: '444444444444' }],
    ['somebody', { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/a b` }],
    ['somebody', { arn: `arn:aws:iam::${ACCOUNT}:user/a\u001b[8m` }],
    ['somebody', { type: 'AWSService', invokedBy: 'evil.example/amazonaws.com x' }],
  ])('is %s', async (name, identity) => {
    expect(await byOf(eventOf(identity))).toBe(name);
  });
});

it.each<[what: string, page: Page]>([
  ['a denial', Object.assign(new Error('explicit deny'), { name: 'AccessDeniedException' })],
  ['a throttle', Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })],
  ['a record of another form', [{ ...eventOf(CI), CloudTrailEvent: '{"userIdentity":7}' }]],
  ['a record that is not JSON', [{ ...eventOf(CI), CloudTrailEvent: 'x' }]],
])('returns nothing after %s, and logs it once', async (_, page) => {
  const { write, lines } = await ask({ orders: [page] });
  expect({ write, lines }).toEqual({
    write: undefined,
    lines: ['who undid the fix is not known: CloudTrail did not answer'],
  });
});
