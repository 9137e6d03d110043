import { expect, it } from 'vitest';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import type { OpenRequest, ToInstance } from '../../../sandbox/runtime/protocol.ts';
import { RunningInvocation } from '../../../sandbox/runtime/running-invocation.ts';
import { NOON } from '../support/runtime-kernel.ts';

const TIMEOUT_MS = 30_000;
const TIMER_MS = 20_000;

/** The thread has a timer after 20 seconds and waits for these requests. */
function waitingFor(...requests: OpenRequest[]) {
  const clock = createClock({ virtual: true, start: NOON });
  const parked = new Map<string, number>();
  const messages: ToInstance[] = [];
  const tell = (message: ToInstance) => void messages.push(message);
  const invocation = new RunningInvocation({ clock, requestId: 'r', timeoutMs: TIMEOUT_MS, tell, parked });
  const idle = (...open: OpenRequest[]) => invocation.hear({ kind: 'idle', requests: open, earliest: NOON + TIMER_MS });
  idle(...requests);
  const park = (id: string, sentBytes = 0) => {
    parked.set(id, sentBytes);
    invocation.review();
  };
  const unpark = (id: string) => {
    parked.delete(id);
    invocation.review();
  };
  return { clock, idle, park, unpark, messages };
}

/** Waits longer than a clock without holds stops. */
async function waitSomeTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

it('holds the clock while a request is open', async () => {
  const { clock } = waitingFor({ id: '1', receivedBytes: 0 });
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON);
});

it('lets the clock go on to the next timer of the thread when its only request is parked', async () => {
  const { clock, park, messages } = waitingFor({ id: '1', receivedBytes: 0 });
  park('1');
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON + TIMER_MS);
  expect(messages).toEqual([{ kind: 'tick' }]);
});

it('holds the clock for an open request while an earlier one, which the thread has given up, is still parked', async () => {
  const { clock, park } = waitingFor({ id: '2', receivedBytes: 0 });
  park('1');
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON);
});

it('holds the clock until the bytes that were sent for a parked request have arrived in the thread', async () => {
  const { clock, idle, park } = waitingFor({ id: '1', receivedBytes: 60 });
  park('1', 100);
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON);
  idle({ id: '1', receivedBytes: 100 });
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON + TIMER_MS);
});

it('holds the clock again for a request that is no longer parked, until its answer has arrived', async () => {
  const { clock, idle, park, unpark } = waitingFor({ id: '1', receivedBytes: 0 });
  park('1');
  unpark('1');
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON);
  idle();
  await waitSomeTurns();
  expect(clock.now()).toBe(NOON + TIMER_MS);
});
