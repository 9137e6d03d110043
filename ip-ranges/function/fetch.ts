/** Fetches the document from the one host that publishes it, and again if a copy is old or broken. */
import { createHash } from 'node:crypto';
import { clause, SutureError } from '../../functions/contract/errors.ts';
import { checkAge, type Document, parseDocument, tokenOf } from '../planning/document.ts';
import type { RunClock } from './converge.ts';
import type { Expected } from './message.ts';

/** Returns the body of one answer. Throws if none comes in time and of a sane size. */
export type Download = () => Promise<string>;

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

const unavailable = (error: unknown, attempts: number) =>
  new SutureError(
    'ServiceUnavailable',
    `No sound document in ${attempts} attempts, so nothing was changed; the last: ${clause(error).replace(/^Error: /, '')}. The next message or the daily run tries again.`,
    { cause: error },
  );
