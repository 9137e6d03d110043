/** Answers to people, as far as no account is needed for them. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IpRangesCommand } from '../../ip-ranges/contract/command.ts';
import type { IpRangesLedger } from '../../ip-ranges/function/ledger.ts';
import { answer } from '../../ip-ranges/function/orders.ts';
import { problemOf } from '../../ip-ranges/function/site.ts';
import { clockOf } from './model.ts';
import { OWN } from './support.ts';

const OLD = '333333333333/us-east-1/old';
const ledger = {
  known: async () => [{ key: OLD, mode: 'security-groups' }],
  read: async () => ({}),
} as unknown as IpRangesLedger;
const ask = (command: IpRangesCommand) =>
  answer(command, {
    targets: [],
    own: { partition: 'aws', account: OWN.account, run: 'run-1' },
    ledger,
    clock: clockOf(),
    download: async () => 'not a document',
    events: new EventBridgeClient({}),
  });

describe('a plan that is refused and blocked', () => {
  it('says both, and one that is neither says nothing', () => {
    const refused = { name: 'DocumentRefused', message: 'too much goes. eni-1 is full' };
    expect(problemOf({ refused: 'too much goes.', blocked: ['eni-1 is full'] })).toMatchObject(refused);
    const blocked = { name: 'TargetBlocked', message: 'eni-1 is full; eni-2 too.' };
    expect(problemOf({ blocked: ['eni-1 is full', 'eni-2 too'] })).toMatchObject(blocked);
    expect(problemOf({ blocked: [] })).toBeUndefined();
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('an orphan', () => {
  it('whose account cannot be read is noted, and no failure', async () => {
    vi.stubEnv('MEMBER_ROLE', undefined);
    const { targets } = await ask({ command: 'status' });
    expect(targets).toEqual([
      {
        target: OLD,
        mode: 'security-groups',
        services: [],
        orphan: true,
        notes: [
          expect.stringMatching(/^an orphan/),
          expect.stringMatching(/^its account could not be read: .*MEMBER_ROLE/),
        ],
      },
    ]);
  });
  it.each(['apply', 'remove'] as const)('that no target is called is said: %s', async (command) => {
    const there = command === 'remove' ? OLD : 'none';
    await expect(ask({ command, targets: ['shpo'] })).rejects.toThrow(
      `There is nothing called shpo to ${command}; there are ${there}.`,
    );
  });
});
