import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { expectedBy, fetchDocument } from '../../ip-ranges/function/fetch.ts';
import { clockOf } from './model.ts';
import { documentOf } from './support.ts';

const textOf = (syncToken: string) => JSON.stringify(documentOf(['192.0.2.0/24'], { syncToken }));
const NOW = Date.UTC(2026, 0, 1);
const md5Of = (text: string) => createHash('md5').update(text).digest('hex');
const notificationOf = (...messages: unknown[]) => ({
  Records: messages.map((message) => ({
    EventSource: 'aws:sns' as const,
    Sns: { Message: typeof message === 'string' ? message : JSON.stringify(message) },
  })),
});
const IN_THREE_DAYS = String(NOW / 1000 + 3 * 86_400);
const IN_TWENTY_HOURS = String(NOW / 1000 + 20 * 3_600);
const URL_AS_USUAL = 'https://ip-ranges.amazonaws.com/ip-ranges.json';

/** Returns the answers in turn, and repeats the last one. Counts downloads. */
function answering(...answers: (string | Error)[]) {
  let count = 0;
  const download = async () => {
    const answer = answers[Math.min(count++, answers.length - 1)]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { download, count: () => count };
}

describe('a message', () => {
  it('names the least syncToken and its MD5', () => {
    const message = { 'create-time': 'x', synctoken: '7', md5: md5Of('a').toUpperCase(), url: URL_AS_USUAL };
    expect(expectedBy(notificationOf(message), NOW)).toEqual({ atLeast: 7, md5: new Map([[7, md5Of('a')]]) });
  });
  it('from the future is ignored, and the others count', () => {
    const { atLeast } = expectedBy(notificationOf({ synctoken: IN_THREE_DAYS }, { synctoken: '7' }), NOW);
    expect(atLeast).toBe(7);
  });
  it('with several records expects the newest', () => {
    const { atLeast, md5 } = expectedBy(
      notificationOf({ synctoken: '7', md5: md5Of('a') }, { synctoken: '9', md5: md5Of('b') }, { synctoken: '8' }),
      NOW,
    );
    expect([atLeast, [...md5]]).toEqual([
      9,
      [
        [7, md5Of('a')],
        [9, md5Of('b')],
      ],
    ]);
  });
  it.each<[what: string, ...messages: unknown[]]>([
    ['is no JSON', '<xml/>'],
    ['has no syncToken', { md5: md5Of('a') }],
    ['has a syncToken that is no number', { synctoken: '1e9' }],
    ['is three days ahead', { synctoken: IN_THREE_DAYS, md5: md5Of('a') }],
  ])('that %s is ignored', (_, odd) => {
    const usual = { synctoken: '7', md5: md5Of('b') };
    expect(expectedBy(notificationOf(odd, usual), NOW)).toEqual({ atLeast: 7, md5: new Map([[7, md5Of('b')]]) });
  });
  it('may have no MD5, and another event expects nothing', () => {
    expect(expectedBy(notificationOf({ synctoken: '7' }), NOW)).toEqual({ atLeast: 7, md5: new Map() });
    expect(expectedBy({ source: 'aws.events' }, NOW)).toEqual({ atLeast: 0, md5: new Map() });
  });
});

describe('the document fetched', () => {
  const good = textOf('9');
  const expected = { atLeast: 9, md5: new Map([[9, md5Of(good)]]) };

  it.each<[what: string, answers: (string | Error)[], downloads: number]>([
    ['is taken at once', [good], 1],
    ['is newer than announced', [textOf('10')], 1],
    ['is less than a day ahead of the clock', [textOf(IN_TWENTY_HOURS)], 1],
    ['comes after one of the future', [textOf(IN_THREE_DAYS), good], 2],
    ['comes after an old copy', [textOf('8'), good], 2],
    ['comes after a truncated one', [good.slice(0, 60), good], 2],
    ['comes after another text of the same syncToken', [`${good} `, good], 2],
    ['comes after HTML', ['<html>', good], 2],
    ['comes after a broken connection', [new Error('socket hang up'), good], 2],
  ])('%s', async (_, answers, downloads) => {
    const { download, count } = answering(...answers);
    const document = await fetchDocument(download, expected, clockOf());
    expect(Number(document.syncToken)).toBeGreaterThanOrEqual(9);
    expect(count()).toBe(downloads);
  });

  it.each<[what: string, answer: string | Error, says: RegExp]>([
    ['old copies', textOf('8'), /old copy, of syncToken 8; 9 is published already/],
    ['a wrong MD5', `${good} `, /its MD5 is .* was announced for syncToken 9/],
    ['HTML', '<html>', /it is not JSON/],
    ['a document of the future', textOf(IN_THREE_DAYS), /syncToken \d+ is 71 hours ahead of the clock/],
    ['a stalled body', new Error('ip-ranges.amazonaws.com: it sent nothing for 5000 ms'), /sent nothing/],
  ])('fails with the reason after five attempts: %s', async (_, answer, says) => {
    const { download, count } = answering(answer);
    await expect(fetchDocument(download, expected, clockOf())).rejects.toThrow(says);
    expect(count()).toBe(5);
  });

  it('is not requested again after the deadline', async () => {
    const { download, count } = answering('<html>');
    await expect(fetchDocument(download, expected, clockOf({ minutes: 0.05 }))).rejects.toThrow(/in 2 attempts/);
    expect(count()).toBe(2);
  });

  it('needs no MD5 where none was announced', async () => {
    const { download } = answering(`${good} `);
    const document = await fetchDocument(download, { atLeast: 9, md5: new Map() }, clockOf());
    expect(document.syncToken).toBe('9');
  });
});
