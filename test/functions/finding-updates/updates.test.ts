import {
  type BatchUpdateFindingsCommand,
  type SecurityHubClient,
  SecurityHubServiceException,
} from '@aws-sdk/client-securityhub';
import { describe, expect, it } from 'vitest';
import { securityHub } from '../../../functions/aws/security-hub.ts';
import { createPace } from '../../../functions/finding-updates/pace.ts';
import type { PendingFinding } from '../../../functions/finding-updates/pending.ts';
import { type UpdateResult, updateFindings } from '../../../functions/finding-updates/updates.ts';

const UPDATE = { status: 'SUPPRESSED', note: 'a note' } as const;
const findings = (count: number): PendingFinding[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `finding-${n}`,
    productArn: 'product',
    messages: [],
    since: 0,
    returned: 0,
  }));
const named = (name: string, httpStatusCode = 400) =>
  new SecurityHubServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });

/** Gives these answers in turn, and repeats the last one. */
function hub(
  answers: readonly (Error | Readonly<Record<string, string>>)[],
  { timeLeft = 120_000, ...more }: { timeLeft?: number; update?: undefined } = {},
) {
  const calls: string[][] = [];
  const waited: string[] = [];
  const client = {
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
  const hub = securityHub(client);
  const pace = {
    turn: async () => {},
    taken: () => void waited.push('taken'),
    throttled: () => void waited.push('throttled'),
  };
  const updateMany = (count: number) =>
    updateFindings(
      { update: UPDATE, findings: findings(count), ...more },
      { securityHub: hub, pace, timeLeft: () => timeLeft },
    );
  return { updateMany, calls, waited };
}
const kinds = (results: readonly UpdateResult[]) =>
  Object.fromEntries(
    Map.groupBy(results, ({ kind }) => kind)
      .entries()
      .map(([kind, those]) => [kind, those.length]),
  );

describe('one call', () => {
  it('with an unreadable finding is halved until that finding is refused alone', async () => {
    const unreadable = named('InvalidInputException');
    const { updateMany, calls } = hub([unreadable, {}, unreadable, {}, unreadable]);
    expect(kinds(await updateMany(4))).toEqual({ done: 3, refused: 1 });
    expect(calls.map((ids) => ids.length)).toEqual([4, 2, 2, 1, 1]);
  });
  it('is not made for records', async () => {
    const { updateMany, calls } = hub([{}], { update: undefined });
    expect(kinds(await updateMany(2))).toEqual({ done: 2 });
    expect(calls).toEqual([]);
  });
  it('returns findings to retry, and findings that are refused, with the reason', async () => {
    const { updateMany } = hub([{ 'finding-7': 'ConcurrentUpdateError', 'finding-3': 'FindingNotFound' }]);
    const results = await updateMany(50);
    expect(kinds(results)).toEqual({ done: 48, retry: 1, refused: 1 });
    expect(results.filter(({ kind }) => kind !== 'done')).toMatchObject([
      { finding: { id: 'finding-3' }, because: 'FindingNotFound: why' },
      { finding: { id: 'finding-7' }, because: 'ConcurrentUpdateError: why' },
    ]);
  });
  it.each(['TooManyRequestsException', 'InternalException'])('is retried after %s', async (name) => {
    const error = named(name, name === 'InternalException' ? 500 : 429);
    const { updateMany, calls, waited } = hub([error, error, {}]);
    expect(kinds(await updateMany(20))).toEqual({ done: 20 });
    expect(calls).toHaveLength(3);
    expect(waited).toEqual(['throttled', 'throttled', 'taken']);
  });
  it('is not made if no time is left to settle it', async () => {
    const { updateMany, calls } = hub([{}], { timeLeft: 29_000 });
    expect(kinds(await updateMany(20))).toEqual({ retry: 20 });
    expect(calls).toEqual([]);
  });
  it('that is refused as a whole refuses each of its findings with the reason', async () => {
    const { updateMany } = hub([named('InvalidAccessException')]);
    const results = await updateMany(2);
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
  it('allows nine calls a second', async () => {
    const { call, gaps } = clocked();
    for (let n = 0; n < 5; n++) await call('taken');
    expect(gaps()).toEqual([111, 111, 111, 111]);
  });
  it('halves with each throttled call down to one in four seconds, and recovers', async () => {
    const { call, gaps } = clocked();
    for (let n = 0; n < 8; n++) await call('throttled');
    for (let n = 0; n < 60; n++) await call('taken');
    expect(gaps().slice(0, 8)).toEqual([222, 444, 888, 1776, 3552, 4000, 4000, 4000]);
    expect(gaps().at(-1)).toBe(111);
  });
});
