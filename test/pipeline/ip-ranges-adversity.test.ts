/** Faulty messages, downloads, documents and answers of AWS, through the whole deployed stack. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault, FaultRule } from '../../sandbox/kernel/kernel.ts';
import type { DownloadAnswer } from '../../sandbox/services/ip-ranges/state.ts';
import { fixture, ORIGIN, published, startUpdater, stillLetIn, type Updater } from '../support/updater.ts';

let updater: Updater;
let small: string;
let large: string;
/** Each test publishes something newer than all before. */
let token = Math.floor(Date.now() / 1000) - 1_000_000;
const newer = (text: string): string => text.replace(/"syncToken": "\d+"/, `"syncToken": "${++token}"`);

beforeAll(async () => {
  updater = await startUpdater();
  small = await fixture('origin-facing-46-68-45.1');
  large = await fixture('origin-facing-46-68-45.2');
  await configured();
  await updater.publishAndAnnounce(newer(small));
});
afterAll(() => updater.sandbox.close());
beforeEach(async () => {
  expect(await updater.failures(), 'left by the test before').toEqual([]);
});

/** Configures only the first target, with these changes. Prefix lists have tests of their own. */
const configured = (more: object = {}) =>
  updater.configure((targets) =>
    targets.filter(({ account }) => account === ORIGIN).map((one) => ({ ...one, ...more })),
  );

const inOrigin = (operation: string, fault: Fault, times = Number.POSITIVE_INFINITY): FaultRule => {
  let left = times;
  return (call) => (call.operation === operation && call.place.account === ORIGIN && left-- > 0 ? fault : undefined);
};
const error = (code: string, status?: number): Fault => ({ kind: 'error', code, ...(status && { status }) });

describe('messages', () => {
  it('that arrive late cause one download and no write', async () => {
    const text = newer(small);
    await updater.publishAndAnnounce(text);
    const before = updater.downloads().length;
    const changes = await updater.changesDuring(() =>
      updater.announce(text, { synctoken: '1500000000', md5: 'f'.repeat(32) }),
    );
    expect(changes).toEqual([]);
    expect(updater.downloads().length - before).toBe(1);
  });

  it('without an MD5 are accepted', async () => {
    const text = newer(large);
    await updater.publishAndAnnounce(text, { md5: undefined });
    expect(await updater.letIn()).toEqual(published(text));
  });

  it('with another URL, such as that of the metadata service, are accepted, and the URL is not followed', async () => {
    const text = newer(small);
    const before = updater.downloads().length;
    await updater.publishAndAnnounce(text, {
      url: 'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    });
    expect(await updater.letIn()).toEqual(published(text));
    expect(updater.downloads().slice(before)).toMatchObject([
      { origin: 'https://ip-ranges.amazonaws.com', path: '/ip-ranges.json' },
    ]);
  });

  it('with the MD5 of another document change nothing, and end in the queue', async () => {
    const before = await updater.rules();
    await updater.publishAndAnnounce(newer(large), { md5: '0'.repeat(32) });
    expect(await updater.rules()).toEqual(before);
    expect(await updater.failures()).toEqual([
      {
        condition: 'RetriesExhausted',
        attempts: 3,
        name: 'ServiceUnavailable',
        message: expect.stringContaining('0'.repeat(32)),
      },
    ]);
  });
});

describe('a download', () => {
  const cut = (text: string) => text.slice(0, 5000);
  it.each<[string, (text: string) => DownloadAnswer]>([
    ['of truncated JSON', (text) => ({ kind: 'document', text: cut(text) })],
    ['of a page in HTML', () => ({ kind: 'answer', status: 200, text: '<html><body>Bad Gateway</body></html>' })],
    ['that stalls', (text) => ({ kind: 'stalled', text: cut(text) })],
    ['that breaks off', (text) => ({ kind: 'broken', text: cut(text) })],
    ['of 100 MB', () => ({ kind: 'endless', bytes: 100_000_000 })],
    ['of an older copy at the edge', () => ({ kind: 'document', text: small })],
    [
      'that is redirected',
      () => ({ kind: 'answer', status: 302, text: '', headers: { location: 'http://169.254.169.254/' } }),
    ],
  ])('%s is tried again, and then succeeds', async (_, first) => {
    const text = newer(large);
    updater.publish(first(text), { kind: 'document', text });
    await updater.announce(text);
    expect(await updater.letIn()).toEqual(published(text));
    expect(updater.reached()).toEqual(['https://ip-ranges.amazonaws.com']);
  });

  it('that never succeeds changes nothing and ends in the queue, with what was received', async () => {
    const before = await updater.rules();
    updater.publish({ kind: 'answer', status: 503, text: '<html>' });
    await updater.announce(newer(small));
    expect(await updater.rules()).toEqual(before);
    expect(await updater.failures()).toMatchObject([{ message: expect.stringMatching(/it answered 503/) }]);
  });
});

describe('a document', () => {
  it.each([
    [
      'without a row of the service',
      (text: string) => text.replaceAll('"CLOUDFRONT_ORIGIN_FACING"', '"CLOUDFRONT"'),
      /CLOUDFRONT_ORIGIN_FACING/,
    ],
    [
      'that opens everything',
      (text: string) => text.replace(/"ip_prefix": "[^"]+"/, '"ip_prefix": "0.0.0.0/0"'),
      /0\.0\.0\.0\/0/,
    ],
    [
      'that takes most ranges away',
      (text: string) =>
        text
          .replaceAll('"CLOUDFRONT_ORIGIN_FACING"', '"CLOUDFRONT"')
          .replace('"CLOUDFRONT"', '"CLOUDFRONT_ORIGIN_FACING"'),
      /takes away .* % of the IPv4 addresses/,
    ],
    [
      'from the future',
      (text: string) =>
        text.replace(/"syncToken": "\d+"/, `"syncToken": "${Math.floor(Date.now() / 1000) + 30 * 86_400}"`),
      /hours ahead of the clock/,
    ],
  ])('%s changes nothing, fails with the reason and is counted for its alarm', async (_, spoilt, why) => {
    const before = await updater.rules();
    const text = spoilt(newer(small));
    await updater.publishAndAnnounce(text);
    expect(await updater.rules()).toEqual(before);
    expect(await updater.failures()).toMatchObject([{ message: expect.stringMatching(why) }]);
    if (!String(why).includes('ahead')) expect(updater.metrics('IpRangesRefused').at(-1)).toBe(1);
  });
});

describe('AWS', () => {
  it('that accepts fewer rules than its quota, in the second of three groups, does not fail the run', async () => {
    await configured({ services: ['CLOUDFRONT'], shrinkLimit: 100 });
    let authorized = 0;
    const second: FaultRule = ({ operation, place }) =>
      operation === 'AuthorizeSecurityGroupIngress' && place.account === ORIGIN && ++authorized === 2
        ? error('RulesPerSecurityGroupLimitExceeded')
        : undefined;
    const text = newer(await fixture('cloudfront-99-124-99.2'));
    await updater.withFaults([second], () => updater.publishAndAnnounce(text));
    expect(authorized).toBeGreaterThan(2);
    expect(await updater.letIn()).toEqual(published(text, 'CLOUDFRONT'));
    expect(await updater.failures()).toEqual([]);
    await configured({ shrinkLimit: 100 });
    await updater.publishAndAnnounce(newer(small));
  });

  it.each(['InvalidPermission.Duplicate', 'InvalidGroup.NotFound', 'RequestLimitExceeded'])(
    'that answers %s once is read again',
    async (code) => {
      const text = newer(large);
      await updater.withFaults([inOrigin('AuthorizeSecurityGroupIngress', error(code), 1)], () =>
        updater.publishAndAnnounce(text),
      );
      expect(await updater.letIn()).toEqual(published(text));
      const back = newer(small);
      await updater.publishAndAnnounce(back);
      expect(await updater.letIn()).toEqual(published(back));
    },
  );

  it('that throttles until the deadline fails the run before its timeout, and the next run finishes', async () => {
    const text = newer(large);
    const until = updater.kernel.clock.now() + 6 * 60_000;
    const throttled: FaultRule = (call) =>
      updater.kernel.clock.now() < until &&
      call.place.account === ORIGIN &&
      call.operation.includes('SecurityGroupIngress')
        ? error('RequestLimitExceeded', 503)
        : undefined;
    await updater.withFaults([throttled], () => updater.publishAndAnnounce(text));
    expect(updater.timedOut()).toBe(false);
    expect(await updater.letIn()).toEqual(published(text));
    expect(await updater.failures()).toEqual([]);
  });
});

describe('two runs at once', () => {
  it('have the result of one, and make no call twice', async () => {
    const text = newer(small);
    updater.publish({ kind: 'document', text });
    const changes = await updater.changesDuring(async () => {
      await Promise.all([
        updater.announceWithoutWaiting(text),
        updater.announceWithoutWaiting(text),
        updater.announceWithoutWaiting(text),
      ]);
      await updater.sandbox.settled();
    });
    expect(await updater.letIn()).toEqual(published(text));
    const perGroup = changes.filter(({ operation }) => operation === 'AuthorizeSecurityGroupIngress').length;
    expect(perGroup).toBeLessThanOrEqual((await updater.groups()).length);
    expect(changes.filter(({ error: met }) => met !== null)).toEqual([]);
  });
});

describe('people', () => {
  it('keep their rules in the same groups, which count against the limit', async () => {
    const [group] = await updater.groups();
    const IpRanges = Array.from({ length: 8 }, (_, n) => ({ CidrIp: `10.1.${n}.0/24` }));
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges }];
    await updater.ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group!.GroupId, IpPermissions }));
    for (const text of [newer(large), newer(small)]) {
      await updater.publishAndAnnounce(text);
      expect(await updater.letIn()).toEqual(published(text));
      expect((await updater.rules(group!.GroupId)).filter((rule) => rule.startsWith('tcp 22 '))).toHaveLength(8);
    }
    await updater.revokeAll(group!.GroupId!);
    await updater.publishAndAnnounce(newer(small));
  });

  it('with an interface that has no room for another group get what fits, and an error that names the interface', async () => {
    await configured({ services: ['CLOUDFRONT'], shrinkLimit: 100, rulesPerGroup: 30 });
    const { id: VpcId, subnets } = await updater.vpc();
    const ec2 = updater.ec2();
    const ours = (await updater.groups()).map(({ GroupId }) => GroupId!);
    const others: string[] = [];
    for (let n = ours.length; n < 5; n++) {
      const group = { GroupName: `people-${n}`, Description: 'of people', VpcId };
      others.push((await ec2.send(new CreateSecurityGroupCommand(group))).GroupId!);
    }
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnets[0]!, Groups: [...ours, ...others] }));
    const text = newer(await fixture('latest'));
    const before = await updater.letIn();
    const changes = await updater.changesDuring(() => updater.publishAndAnnounce(text));
    expect(new Set(changes.map(({ operation }) => operation))).toEqual(
      new Set(['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress']),
    );
    expect(stillLetIn(await updater.letIn(), before, published(text, 'CLOUDFRONT'))).toBe(true);
    expect(await updater.failures()).toMatchObject([
      { message: expect.stringMatching(/no room for \d+ of \d+ rules.*eni-.* of at most 5 groups/) },
    ]);
    const { syncToken } = JSON.parse(text);
    const status = await updater.command({ command: 'status' });
    expect(status.find(({ lastFailure }) => lastFailure !== undefined)?.lastFailure).toMatchObject({
      name: 'TargetBlocked',
      message: expect.stringContaining('no room for'),
      syncToken,
    });
  });
});
