/** Fetches the document from the one host that publishes it, and again if a copy is old or broken. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { errorClause, SutureError } from '../../functions/contract/errors.ts';
import { type Document, tokenOf } from '../planning/document.ts';
import type { RunClock } from './converge.ts';
import { checkAge, parseDocument } from './parse-document.ts';

/** Returns the body of one answer. Throws if none comes in time and of a sane size. */
export type Download = () => Promise<string>;

/** `atLeast`: a syncToken; an older document is an old copy. `md5`: of the documents of these syncTokens. */
export type Expected = { readonly atLeast: number; readonly md5: ReadonlyMap<number, string> };

/** A message of the topic AmazonIpSpaceChanged. Its URL is not followed. https://docs.aws.amazon.com/vpc/latest/userguide/subscribe-notifications.html */
const Message = z.object({
  synctoken: z.string().regex(/^\d{1,15}$/),
  md5: z.hash('md5').optional(),
});
const Notification = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

/** Returns what the messages of an event expect together. Ignores malformed messages, and those dated in the future. */
export function expectedBy(event: unknown, nowMs: number): Expected {
  const { data: { Records } = { Records: [] } } = Notification.safeParse(event);
  const messages = Records.flatMap(({ Sns }) => {
    try {
      const message = Message.parse(JSON.parse(Sns.Message.toLowerCase()));
      checkAge({ syncToken: message.synctoken }, nowMs);
      return [{ token: Number(message.synctoken), md5: message.md5 }];
    } catch {
      return [];
    }
  });
  const known = messages.flatMap(({ token, md5 }) => (md5 ? [[token, md5] as const] : []));
  return { atLeast: Math.max(0, ...messages.map(({ token }) => token)), md5: new Map(known) };
}

/** Waits before each further attempt: edges of the network that serves the document keep old copies for a while. */
const PAUSES_MS = [1_000, 5_000, 15_000, 30_000];

/**
 * Returns a document that is at least as new as expected and, where its MD5 is known, is what was announced.
 * @throws SutureError ServiceUnavailable that says what came instead, after five attempts or when the time is over
 */
export async function fetchDocument(download: Download, expected: Expected, clock: RunClock): Promise<Document> {
  for (let attempt = 0; ; attempt++)
    try {
      const text = await download();
      const document = parseDocument(text);
      checkAge(document, clock.now());
      checkExpected(document, text, expected);
      return document;
    } catch (error) {
      const pause = PAUSES_MS[attempt];
      if (pause === undefined || clock.now() + pause >= clock.deadline) throw unavailable(error, attempt + 1);
      await clock.sleep(pause);
    }
}

function checkExpected(document: Document, text: string, { atLeast, md5 }: Expected): void {
  const token = tokenOf(document);
  if (token < atLeast) throw new Error(`it is an old copy, of syncToken ${token}; ${atLeast} is published already`);
  const announced = md5.get(token);
  const actual = createHash('md5').update(text).digest('hex');
  if (announced !== undefined && announced !== actual)
    throw new Error(`its MD5 is ${actual}, and ${announced} was announced for syncToken ${token}`);
}

function unavailable(cause: unknown, attempts: number): SutureError {
  const last = errorClause(cause).replace(/^Error: /, '');
  const what = `No sound document in ${attempts} attempts, so nothing was changed; the last: ${last}`;
  return new SutureError('ServiceUnavailable', `${what}. The next message or the daily run tries again.`, { cause });
}
