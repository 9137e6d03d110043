import {
  type BatchUpdateFindingsCommand,
  type SecurityHubClient,
  SecurityHubServiceException,
} from '@aws-sdk/client-securityhub';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { comeAgain, waitAfter } from '../../../functions/finding-updates/again.ts';
import type { Updated } from '../../../functions/finding-updates/batch.ts';
import { createPace } from '../../../functions/finding-updates/pace.ts';
import { type Result, updateAll } from '../../../functions/finding-updates/updates.ts';

const update = { status: 'SUPPRESSED', note: 'a note' } as const;
const findings = (count: number): Updated[] =>
  Array.from({ length: count }, (_, n) => ({ id: `finding-${n}`, productArn: 'product', messages: [] }));
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
  async function made(count: number): Promise<Result[]> {
    const results: Result[] = [];
    const groups = [{ update, findings: findings(count) }];
    for await (const some of updateAll(groups, { securityHub, pace, timeLeft: () => timeLeft })) results.push(...some);
    return results;
  }
  return { made, calls, waited };
}
const kinds = (results: readonly Result[]) =>
  Object.fromEntries(
    Map.groupBy(results, ({ kind }) => kind)
      .entries()
      .map(([kind, those]) => [kind, those.length]),
  );

describe('updates of one group', () => {
  it('of which Security Hub cannot read one are halved until that one is refused alone', async () => {
    const unreadable = named('InvalidInputException');
    const { made, calls } = hub([unreadable, {}, unreadable, {}, unreadable]);
    expect(kinds(await made(4))).toEqual({ done: 3, refused: 1 });
    expect(calls.map((ids) => ids.length)).toEqual([4, 2, 2, 1, 1]);
  });
  it('are a hundred a call', async () => {
    const { made, calls } = hub([{}]);
    expect(kinds(await made(250))).toEqual({ done: 250 });
    expect(calls.map((ids) => ids.length)).toEqual([100, 100, 50]);
  });

  it('that could not be taken join a later call, and are done then', async () => {
    const { made, calls } = hub([{ 'finding-7': 'ConcurrentUpdateError' }, {}]);
    expect(kinds(await made(150))).toEqual({ done: 150 });
    expect(calls.map((ids) => ids.length)).toEqual([100, 51]);
    expect(calls[1]).toContain('finding-7');
  });

  it('that could not be taken in the last call get a call of their own', async () => {
    const { made, calls } = hub([{ 'finding-7': 'ConcurrentUpdateError' }, {}]);
    expect(kinds(await made(50))).toEqual({ done: 50 });
    expect(calls.map((ids) => ids.length)).toEqual([50, 1]);
  });

  it('that cannot be taken then either are to come again, with the reason', async () => {
    const { made, calls } = hub([{ 'finding-7': 'ConcurrentUpdateError' }]);
    const results = await made(50);
    expect(kinds(results)).toEqual({ done: 49, again: 1 });
    expect(results.find(({ kind }) => kind === 'again')).toMatchObject({
      finding: { id: 'finding-7' },
      because: 'ConcurrentUpdateError: why',
    });
    expect(calls).toHaveLength(2);
  });

  it('that are not taken twice are not tried for ever', async () => {
    const { made, calls } = hub([{ 'finding-7': 'ConcurrentUpdateError' }]);
    expect(kinds(await made(350))).toEqual({ done: 349, again: 1 });
    expect(calls.flat().filter((id) => id === 'finding-7')).toHaveLength(2);
  });

  it('that are refused for good say why, and the others are done', async () => {
    const { made } = hub([{ 'finding-3': 'FindingNotFound' }]);
    const results = await made(150);
    expect(kinds(results)).toEqual({ done: 149, refused: 1 });
    expect(results.find(({ kind }) => kind === 'refused')!.because).toBe('FindingNotFound: why');
  });

  it.each(['TooManyRequestsException', 'InternalException'])('wait after %s and go on', async (name) => {
    const error = named(name, name === 'InternalException' ? 500 : 429);
    const { made, calls, waited } = hub([error, error, {}]);
    expect(kinds(await made(20))).toEqual({ done: 20 });
    expect(calls).toHaveLength(3);
    expect(waited).toEqual(['throttled', 'throttled', 'taken']);
  });

  it('are to come again where throttling lasts until the function is nearly over', async () => {
    const { made, calls } = hub([named('TooManyRequestsException', 429)], { timeLeft: 29_000 });
    expect(kinds(await made(20))).toEqual({ again: 20 });
    expect(calls).toHaveLength(1);
  });

  it('of which the whole call is refused fail with its reason', async () => {
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
  it('begins with nine calls a second for two instances, and ends with nine for one that nobody throttles', async () => {
    const { call, gaps } = clocked();
    for (let n = 0; n < 20; n++) await call('taken');
    expect(gaps()[0]).toBe(222);
    expect(gaps().at(-1)).toBe(111);
  });
  it('halves with each throttle down to a call in four seconds, and comes back', async () => {
    const { call, gaps } = clocked();
    for (let n = 0; n < 7; n++) await call('throttled');
    for (let n = 0; n < 60; n++) await call('taken');
    expect(gaps().slice(0, 8)).toEqual([444, 888, 1776, 3552, 4000, 4000, 4000, 4000]);
    expect(gaps().at(-1)).toBe(111);
  });
});

describe('a message that must come again', () => {
  it.each([
    [1, 2],
    [2, 4],
    [9, 512],
    [10, 720],
    [14, 720],
  ])('after %i deliveries waits %i s', (receives, seconds) => expect(waitAfter(receives)).toBe(seconds));

  it('is told so ten a call; where that fails it is said, for it comes later then', async () => {
    const sent: number[] = [];
    const reported: unknown[] = [];
    const records = Array.from({ length: 12 }, (_, n) => ({
      receiptHandle: `handle-${n}`,
      attributes: { ApproximateReceiveCount: '2' },
    })) as SQSRecord[];
    const sqs = {
      send: async ({ input }: { input: { Entries: { VisibilityTimeout: number }[] } }) => {
        sent.push(...input.Entries.map(({ VisibilityTimeout }) => VisibilityTimeout));
        if (sent.length > 10) throw named('ReceiptHandleIsInvalid');
        return {};
      },
    } as unknown as SQSClient;
    await comeAgain(sqs, 'queue', records, (what) => reported.push(what));
    expect(sent).toEqual(Array(12).fill(4));
    expect(reported).toEqual(['messages come again later than they could']);
  });
});
