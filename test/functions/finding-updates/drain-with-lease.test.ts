import { type BatchUpdateFindingsCommand, SecurityHubServiceException } from '@aws-sdk/client-securityhub';
import { describe, expect, it } from 'vitest';
import { securityHub } from '../../../functions/aws/security-hub.ts';
import type { InboxMessage } from '../../../functions/domain/finding-update.ts';
import { drainWithLease } from '../../../functions/finding-updates/drain-with-lease.ts';
import { createPace } from '../../../functions/finding-updates/pace.ts';
import type { RunLease } from '../../../functions/ports/run-lease.ts';
import { virtualTime } from '../../../lab/bench/virtual-time.ts';
import { archive, archives, record, SUPPRESSING_POLICY } from './messages.ts';

type DrainSetup = {
  readonly arriving?: readonly (readonly [number, readonly InboxMessage[]])[];
  /** Ids that the first calls return unprocessed, with the number of times. */
  readonly timesUnprocessed?: Readonly<Record<string, number>>;
  readonly throttledUntil?: number;
  readonly answerTakes?: number;
  readonly receiveFails?: boolean;
  /** Until this millisecond, an invocation that died holds the lease. */
  readonly heldUntil?: number;
  readonly lease?: Partial<RunLease>;
};

function setUpDrains({
  arriving = [],
  timesUnprocessed = {},
  throttledUntil = 0,
  answerTakes = 0,
  receiveFails,
  heldUntil,
  lease,
}: DrainSetup) {
  const time = virtualTime();
  const visible: InboxMessage[] = [];
  const calls: { at: number; run: string; note: string; ids: string[] }[] = [];
  const done: string[] = [];
  const retried: string[] = [];
  const released: string[] = [];
  const answered: string[] = [];
  const warnings: string[] = [];
  const alarms: string[] = [];
  const left = { ...timesUnprocessed };
  let holder = heldUntil === undefined ? undefined : { run: 'dead', until: heldUntil };
  const shared: RunLease = {
    take: async (run, until) => {
      if (holder && holder.run !== run && holder.until > time.now()) return false;
      holder = { run, until };
      return true;
    },
    release: async () => {
      holder = undefined;
    },
    ...lease,
  };

  const send =
    (run: string) =>
    async ({ input }: BatchUpdateFindingsCommand) => {
      await time.sleep(50);
      if (time.now() < throttledUntil) throw throttled();
      const ids = input.FindingIdentifiers!.map(({ Id }) => Id!);
      calls.push({ at: time.now(), run, note: input.Note!.Text!, ids });
      const back = ids.filter((id) => left[id] && left[id]-- > 0);
      return {
        ProcessedFindings: [],
        UnprocessedFindings: back.map((Id) => ({
          FindingIdentifier: { Id, ProductArn: 'p' },
          ErrorCode: 'ConcurrentUpdateError',
          ErrorMessage: 'why',
        })),
      };
    };

  const idsOf = (messages: readonly InboxMessage[]) => messages.map(({ body }) => body.job.finding.id);
  const invoke = (run: string, first: readonly InboxMessage[], seconds = 120) => {
    const deadline = time.now() + seconds * 1000;
    return drainWithLease(first, {
      run,
      lease: shared,
      inbox: {
        async receive() {
          await time.sleep(10);
          if (receiveFails) throw new Error('SQS is out');
          for (const until = time.now() + 1000; visible.length === 0 && time.now() < until; ) await time.sleep(20);
          return visible.splice(0, 10);
        },
        done: async (messages) => void done.push(...idsOf(messages)),
        retry: async (messages) => void retried.push(...idsOf(messages)),
        async release(messages) {
          released.push(...idsOf(messages));
          visible.push(...messages);
        },
      },
      securityHub: securityHub({ send: send(run) } as never),
      pace: createPace(time.sleep, time.now, () => 1),
      tokens: {
        async succeed(token) {
          await time.sleep(answerTakes);
          answered.push(token);
        },
        fail: () => Promise.reject(new Error('no execution fails here')),
      },
      ledger: { record: async () => [] } as never,
      policy: { read: async () => SUPPRESSING_POLICY },
      queries: undefined as never,
      suppressions: { add: async () => {} },
      findFinding: undefined as never,
      publish: async () => {},
      count: async () => {},
      sleep: time.sleep,
      now: time.now,
      random: () => 1,
      timeLeft: () => deadline - time.now(),
      warn: (message) => warnings.push(message),
      alarm: (message) => alarms.push(message),
    });
  };
  const run = <T>(work: () => Promise<T>) =>
    time.run(async () => {
      for (const [at, messages] of arriving) void time.sleep(at).then(() => visible.push(...messages));
      return work();
    });
  return { run, invoke, time, calls, done, retried, released, answered, warnings, visible, holds: () => holder?.run };
}
const throttled = () =>
  new SecurityHubServiceException({ name: 'TooManyRequestsException', message: '', $fault: 'client', $metadata: {} });

const sizes = (calls: readonly { ids: string[] }[]) => calls.map(({ ids }) => ids.length);

describe('the lease holder', () => {
  it('keeps receiving, and ends a second after the last message', async () => {
    const { run, invoke, calls, done, answered, time, holds } = setUpDrains({ arriving: [[0, archives(30, 'one')]] });
    await run(() => invoke('a', [archive('first', 'one')]));
    expect(sizes(calls)).toEqual([31]);
    expect(done).toHaveLength(31);
    expect(answered).toHaveLength(31);
    expect(time.now()).toBeLessThan(3_000);
    expect(holds()).toBeUndefined();
  });
  it('calls for a full group at once, and for partial ones when the queue is empty', async () => {
    const { run, invoke, calls } = setUpDrains({
      arriving: [
        [0, [...archives(120, 'large'), archive('a', 'small')]],
        [900, [archive('b', 'small'), archive('c', 'large')]],
      ],
    });
    await run(() => invoke('a', []));
    expect(calls.map(({ note, ids }) => [note, ids.length])).toEqual([
      ['large', 100],
      ['large', 21],
      ['small', 2],
    ]);
    expect(calls[0]!.at).toBeLessThan(900);
    expect(calls[1]!.at).toBeGreaterThan(1_000);
  });
  it('flushes a partial group after at most 15 s', async () => {
    const arriving = Array.from({ length: 40 }, (_, n) => [n * 500, [archive(`f${n}`, 'one')]] as const);
    const { run, invoke, calls } = setUpDrains({ arriving });
    await run(() => invoke('a', []));
    expect(calls.length).toBeGreaterThan(1);
    expect(calls[0]!.at).toBeLessThan(17_000);
    expect(calls[0]!.ids.length).toBeGreaterThan(25);
  });
  it('settles messages that need no call without one', async () => {
    const { run, invoke, calls, done } = setUpDrains({ arriving: [[0, [record('a')]]] });
    await run(() => invoke('a', []));
    expect(calls).toEqual([]);
    expect(done).toEqual(['a']);
  });
});

describe('a finding that Security Hub did not take', () => {
  it('joins the next call of its group', async () => {
    const { run, invoke, calls, done, retried } = setUpDrains({
      arriving: [
        [0, archives(100, 'one')],
        [900, [archive('later', 'one')]],
      ],
      timesUnprocessed: { 'finding-7': 1 },
    });
    await run(() => invoke('a', []));
    expect(sizes(calls)).toEqual([100, 2]);
    expect(calls[1]!.ids).toContain('finding-7');
    expect(done).toHaveLength(101);
    expect(retried).toEqual([]);
  });
  it('returns to the queue after three calls', async () => {
    const { run, invoke, calls, done, retried } = setUpDrains({ timesUnprocessed: { a: 9 } });
    await run(() => invoke('a', [archive('a', 'one'), archive('b', 'one')]));
    expect(sizes(calls)).toEqual([2, 1, 1]);
    expect(done).toEqual(['b']);
    expect(retried).toEqual(['a']);
  });
});

describe('when the time is up', () => {
  it('findings without a call return to the queue, and the lease is released', async () => {
    const { run, invoke, calls, retried, holds, time } = setUpDrains({ throttledUntil: Number.POSITIVE_INFINITY });
    await run(() => invoke('a', archives(3, 'one')));
    expect(calls).toEqual([]);
    expect(retried).toHaveLength(3);
    expect(holds()).toBeUndefined();
    expect(time.now()).toBeLessThan(120_000);
  });
  it('no further message is received', async () => {
    const arriving = Array.from({ length: 120 }, (_, n) => [n * 1000, [archive(`f${n}`, 'one')]] as const);
    const { run, invoke, done, retried, visible, time } = setUpDrains({ arriving });
    await run(() => invoke('a', []));
    expect(time.now()).toBeGreaterThan(70_000);
    expect(done.length).toBeGreaterThan(60);
    expect(retried).toEqual([]);
    expect(done.length + visible.length).toBeLessThan(120);
  });
});

describe('a lease holder with more messages than it can settle', () => {
  it('stops receiving, flushes partial batches, and continues when there is room', async () => {
    const { run, invoke, calls, done } = setUpDrains({
      arriving: [[0, Array.from({ length: 8_000 }, (_, n) => archive(`f${n}`, `note ${n % 100}`))]],
      throttledUntil: 10_000,
    });
    await run(() => invoke('a', []));
    expect(done).toHaveLength(8_000);
    expect(calls[0]!.at).toBeGreaterThanOrEqual(10_000);
    expect(calls[0]!.ids.length).toBeLessThan(80);
  });
  it('waits for full batches where answers to executions use up the budget', async () => {
    const arriving = Array.from({ length: 400 }, (_, n) => {
      const some = Array.from({ length: 50 }, (_, i) => archive(`f${n}-${i}`, `note ${i % 20}`));
      return [n * 100, some] as const;
    });
    const { run, invoke, calls, done } = setUpDrains({ arriving, answerTakes: 5_000 });
    await run(() => invoke('a', []));
    expect(done.length).toBeGreaterThan(14_000);
    expect(calls.length).toBeLessThanOrEqual(Math.ceil(done.length / 100) + 40);
  });
});

it('a queue that cannot be read ends the drain once all received messages are settled', async () => {
  const { run, invoke, done, warnings } = setUpDrains({ receiveFails: true });
  await run(() => invoke('a', [archive('a', 'one')]));
  expect(done).toEqual(['a']);
  expect(warnings).toEqual(['no more messages can be received']);
});

describe('an invocation without the lease', () => {
  it('returns its messages to the queue, and waits for the lease', async () => {
    const later = Array.from({ length: 20 }, (_, n) => [n * 500, [archive(`f${n}`, 'one')]] as const);
    const { run, invoke, calls, released, done } = setUpDrains({ arriving: later });
    const ended: string[] = [];
    await run(() =>
      Promise.all([
        invoke('a', [archive('of a', 'one')]).then(() => ended.push('a')),
        invoke('b', [archive('of b', 'one')]).then(() => ended.push('b')),
      ]),
    );
    expect(released).toEqual(['of b']);
    expect(done).toHaveLength(22);
    expect(new Set(calls.map(({ run }) => run))).toEqual(new Set(['a']));
    expect(ended).toEqual(['a', 'b']);
  });
  it('takes over the lease of a dead invocation once it expires', async () => {
    const { run, invoke, calls, done } = setUpDrains({ heldUntil: 20_000 });
    await run(() => invoke('b', [archive('a', 'one')]));
    expect(done).toEqual(['a']);
    expect(calls[0]!.at).toBeGreaterThan(20_000);
  });
  it('gives up if too little time would be left with the lease', async () => {
    const { run, invoke, calls, visible, time } = setUpDrains({ heldUntil: 200_000 });
    await run(() => invoke('b', [archive('a', 'one')]));
    expect(calls).toEqual([]);
    expect(visible).toHaveLength(1);
    expect(time.now()).toBeLessThan(80_000);
  });
  it('returns its messages with a delay if the ledger does not answer', async () => {
    const lease = { take: () => Promise.reject(new Error('the ledger is out')) };
    const { run, invoke, retried, warnings, calls } = setUpDrains({ lease });
    await run(() => invoke('a', [archive('a', 'one')]));
    expect(calls).toEqual([]);
    expect(retried).toEqual(['a']);
    expect(new Set(warnings)).toEqual(new Set(['the lease of the queue cannot be taken']));
  });
});
