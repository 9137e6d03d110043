import {
  type BatchUpdateFindingsCommand,
  type SecurityHubClient,
  SecurityHubServiceException,
} from '@aws-sdk/client-securityhub';
import { describe, expect, it } from 'vitest';
import { createPace } from '../../../functions/finding-updates/pace.ts';
import type { Updated } from '../../../functions/finding-updates/pending.ts';
import { makeCall, type UpdateResult } from '../../../functions/finding-updates/updates.ts';

const update = { status: 'SUPPRESSED', note: 'a note' } as const;
const findings = (count: number): Updated[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `finding-${n}`,
    productArn: 'product',
    messages: [],
    since: 0,
    returned: 0,
  }));
const named = (name: string, httpStatusCode = 400) =>
  new SecurityHubServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });

/** A Security Hub that answers each call in turn; the last answer stays. */
function hub(answers: readonly (Error | Readonly<Record<string, string>>)[], { timeLeft = 120_000 } = {}) {
  const calls: string[][] = [];
  const waited: string[] = [];
  const securityHub = {
    send: async ({ input }: BatchUpdateFindingsCommand) => {
      const ids = input.FindingIdentifiers!.map(({ Id }) => Id!);
      const answer = answers[Math.min(calls.push(ids) - 1, answers.length - 1)]!;
      if (answer instanceof Error) throw answer;
      const UnprocessedFindings = Object.entries(answer)
        .filter(([id]) => ids.includes(id))
        .map(([Id, ErrorCode]) => ({
          FindingIdentifier: { Id, ProductArn: 'product' },
          ErrorCode,
          ErrorMessage: 'why',
        }));
      return { ProcessedFindings: [], UnprocessedFindings };
    },
  } as unknown as SecurityHubClient;
  const pace = {
    turn: async () => {},
    taken: () => void waited.push('taken'),
    throttled: () => void waited.push('throttled'),
  };
  const made = (count: number) =>
    makeCall({ update, findings: findings(count) }, { securityHub, pace, timeLeft: () => timeLeft });
  return { made, calls, waited };
}
const kinds = (results: readonly UpdateResult[]) =>
  Object.fromEntries(
    Map.groupBy(results, ({ kind }) => kind)
      .entries()
      .map(([kind, those]) => [kind, those.length]),
  );

describe('one call', () => {
  it('of which Security Hub cannot read one is halved until that one is refused alone', async () => {
    const unreadable = named('InvalidInputException');
    const { made, calls } = hub([unreadable, {}, unreadable, {}, unreadable]);
    expect(kinds(await made(4))).toEqual({ done: 3, refused: 1 });
    expect(calls.map((ids) => ids.length)).toEqual([4, 2, 2, 1, 1]);
  });
  it('for nothing but records is none', async () => {
    const { calls } = hub([{}]);
    const nobody = {} as SecurityHubClient;
    const results = await makeCall(
      { update: undefined, findings: findings(2) },
      { securityHub: nobody, pace: {} as never, timeLeft: () => 0 },
    );
    expect(kinds(results)).toEqual({ done: 2 });
    expect(calls).toEqual([]);
  });
  it('names those that may pass next time, and those that are refused for good, with the reason', async () => {
    const { made } = hub([{ 'finding-7': 'ConcurrentUpdateError', 'finding-3': 'FindingNotFound' }]);
    const results = await made(50);
    expect(kinds(results)).toEqual({ done: 48, again: 1, refused: 1 });
    expect(results.filter(({ kind }) => kind !== 'done')).toMatchObject([
      { finding: { id: 'finding-3' }, because: 'FindingNotFound: why' },
      { finding: { id: 'finding-7' }, because: 'ConcurrentUpdateError: why' },
    ]);
  });
  it.each(['TooManyRequestsException', 'InternalException'])('waits after %s and is made again', async (name) => {
    const error = named(name, name === 'InternalException' ? 500 : 429);
    const { made, calls, waited } = hub([error, error, {}]);
    expect(kinds(await made(20))).toEqual({ done: 20 });
    expect(calls).toHaveLength(3);
    expect(waited).toEqual(['throttled', 'throttled', 'taken']);
  });
  it('is not made where no time is left for what follows it', async () => {
    const { made, calls } = hub([{}], { timeLeft: 29_000 });
    expect(kinds(await made(20))).toEqual({ again: 20 });
    expect(calls).toEqual([]);
  });
  it('that is refused whole fails all with its reason', async () => {
    const { made } = hub([named('InvalidAccessException')]);
    const results = await made(2);
    expect(kinds(results)).toEqual({ refused: 2 });
    expect(results[0]!.because).toBe('InvalidAccessException: InvalidAccessException');
  });
});

describe('the pace', () => {
  const clocked = () => {
    let now = 0;
    const at: number[] = [];
    const sleep = async (ms: number) => {
      now += ms;
    };
    const pace = createPace(
      sleep,
      () => now,
      () => 1,
    );
    const call = async (then: 'taken' | 'throttled') => {
      await pace.turn();
      at.push(now);
      pace[then]();
    };
    const gaps = () => at.slice(1).map((time, n) => Math.round(time - at[n]!));
    return { call, gaps };
  };
  it('is nine calls a second', async () => {
    const { call, gaps } = clocked();
    for (let n = 0; n < 5; n++) await call('taken');
    expect(gaps()).toEqual([111, 111, 111, 111]);
  });
  it('halves with each throttle down to a call in four seconds, and comes back', async () => {
    const { call, gaps } = clocked();
    for (let n = 0; n < 8; n++) await call('throttled');
    for (let n = 0; n < 60; n++) await call('taken');
    expect(gaps().slice(0, 8)).toEqual([222, 444, 888, 1776, 3552, 4000, 4000, 4000]);
    expect(gaps().at(-1)).toBe(111);
  });
});
