/** The updater, killed after each of its calls; and one target that fails while others succeed. */
import { CreateNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import {
  CALLS_THAT_CHANGE,
  fixture,
  ORIGIN,
  published,
  SHARED,
  startUpdater,
  stillLetIn,
  type Updater,
} from '../support/updater.ts';

let updater: Updater;
let token = Math.floor(Date.now() / 1000) - 1_000_000;
const newer = (text: string): string => text.replace(/"syncToken": "\d+"/, `"syncToken": "${++token}"`);
const VERSIONS: string[] = [];

beforeAll(async () => {
  updater = await startUpdater();
  // The fewest ranges make most calls.
  await updater.configure((targets) => targets.map((target) => ({ ...target, cover: 'minimal' })));
  for (const n of [1, 2, 3]) VERSIONS.push(await fixture(`origin-facing-46-68-45.${n}`));
  await updater.publishAndAnnounce(newer(VERSIONS[0]!));
});
afterAll(() => updater.sandbox.close());

/** Kills the function once, after its n-th mutating call. `seen` gets the addresses that are let in then. */
function killedAfter(n: number, killed: () => void): FaultRule {
  let calls = 0;
  return ({ operation, place, principal }) => {
    if (principal.kind !== 'session' || !CALLS_THAT_CHANGE.includes(operation) || place.account !== ORIGIN)
      return undefined;
    if (++calls !== n) return undefined;
    killed();
    return { kind: 'killAfter' };
  };
}

describe('a run that is killed after its', () => {
  // The first time there is no second group yet, so there are most calls.
  it.each([3, 2, 1])('call number %i leaves every wanted range let in, and the next run finishes it', async (n) => {
    // The way back takes two calls.
    for (const [version, kill] of [
      [VERSIONS[1]!, n],
      [VERSIONS[2]!, Math.min(n, 2)],
    ] as const) {
      const before = await updater.letIn();
      const text = newer(version);
      let kills = 0;
      const isStillLetIn: boolean[] = [];
      const watch: FaultRule = ({ operation }) => {
        // The next attempt begins with reading: what is let in at that moment is what the crash left.
        if (kills > 0 && operation === 'DescribeSecurityGroups' && isStillLetIn.length === 0)
          isStillLetIn.push(stillLetIn(updater.letInNow(), before, published(text)));
        return undefined;
      };
      await updater.withFaults([watch, killedAfter(kill, () => (kills += 1))], () => updater.publishAndAnnounce(text));
      expect({ kills, isStillLetIn }).toEqual({ kills: 1, isStillLetIn: [true] });
      expect(await updater.letIn()).toEqual(published(text));
      expect(await updater.failures()).toEqual([]);
    }
  });
});

describe('a run that is killed after every single call, again and again', () => {
  it('completes one call each time, and attaches new groups before it relies on them', async () => {
    const { subnets } = await updater.vpc();
    const Groups = (await updater.groups()).map(({ GroupId }) => GroupId!);
    const command = new CreateNetworkInterfaceCommand({ SubnetId: subnets[0]!, Groups });
    const id = (await updater.ec2().send(command)).NetworkInterface!.NetworkInterfaceId!;
    await updater.configure((targets) =>
      targets.filter(({ account }) => account === ORIGIN).map((target) => ({ ...target, services: ['CLOUDFRONT'] })),
    );
    const before = await updater.letIn();
    const text = newer(await fixture('latest'));
    const wanted = published(text, 'CLOUDFRONT');
    const held: boolean[] = [];
    const every: FaultRule = ({ operation, place, principal }) => {
      const changes = CALLS_THAT_CHANGE.includes(operation) && place.account === ORIGIN && principal.kind === 'session';
      if (!changes) return undefined;
      held.push(stillLetIn(updater.letInNow(), before, wanted));
      return { kind: 'killAfter' };
    };
    await updater.withFaults([every], async () => {
      for (let told = 0, last = -1; last !== held.length; told++) {
        last = held.length;
        await updater.publishAndAnnounce(text);
        expect(told).toBeLessThan(20);
      }
    });
    await updater.failures();
    expect(held.length).toBeGreaterThan(6);
    expect(held.every(Boolean)).toBe(true);
    expect(await updater.letIn()).toEqual(wanted);
    const all = (await updater.groups()).map(({ GroupId }) => GroupId!);
    expect(all.length).toBeGreaterThan(Groups.length);
    expect((await updater.groupsOn(id)).sort()).toEqual(all.sort());
    await updater.configure((targets) => targets.map((target) => ({ ...target, shrinkLimit: 100 })));
    await updater.publishAndAnnounce(newer(VERSIONS[2]!));
    // Every attempt is a function that starts.
  });
});

describe('a target that fails', () => {
  const withoutRole: FaultRule = ({ operation, input }) =>
    operation === 'AssumeRole' && input.RoleArn.includes(SHARED)
      ? { kind: 'error', code: 'AccessDenied', status: 403 }
      : undefined;

  it('does not stop the others, fails the invocation at its end, and is named in queue and metric', async () => {
    const text = newer(VERSIONS[1]!);
    const lists = await updater.inLists();
    await updater.withFaults([withoutRole], () => updater.publishAndAnnounce(text));
    expect(await updater.letIn()).toEqual(published(text));
    expect(await updater.inLists()).toEqual(lists);
    expect(await updater.failures()).toMatchObject([
      {
        condition: 'RetriesExhausted',
        attempts: 3,
        name: 'TargetsFailed',
        message: expect.stringContaining(`${SHARED}/eu-west-1/data-origin`),
      },
    ]);
    expect(updater.metrics('IpRangesTargetsFailed').at(-1)).toBe(1);
  });

  it('is updated by the daily run once it works again', async () => {
    await updater.kernel.clock.advance(24 * 3_600_000);
    await updater.sandbox.settled();
    expect(await updater.inLists()).toEqual(await updater.letIn());
  });
});
