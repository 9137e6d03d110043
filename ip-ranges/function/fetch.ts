/** The document, from the one host that publishes it: once where all is well, again where a copy is old or broken. */
import { createHash } from 'node:crypto';
import { clause, SutureError } from '../../functions/contract/errors.ts';
import type { Clock } from '../planning/converge.ts';
import { type Document, parseDocument, tokenOf } from '../planning/document.ts';
import type { Expected } from './message.ts';

/** Body of one answer. Throws where there is none, in time and of a sane size. */
export type Download = () => Promise<string>;

/** Milliseconds before each further attempt: edges of the network that serves the document keep old copies for a while. */
const PAUSES = [1_000, 5_000, 15_000, 30_000];

/**
 * A document that is at least as new as expected and, where its MD5 is known, is what was announced.
 * @throws SutureError ServiceUnavailable that says what was met instead, after five attempts or when time is over
 */
export async function fetchDocument(download: Download, expected: Expected, clock: Clock): Promise<Document> {
  for (let attempt = 0; ; attempt++)
    try {
      const text = await download();
      const document = parseDocument(text);
      check(document, text, expected);
      return document;
    } catch (error) {
      const pause = PAUSES[attempt];
      if (pause === undefined || clock.now() + pause >= clock.deadline) throw unavailable(error, attempt + 1);
      await clock.sleep(pause);
    }
}

function check(document: Document, text: string, { atLeast, md5 }: Expected): void {
  const token = tokenOf(document);
  if (token < atLeast) throw new Error(`it is an old copy, of syncToken ${token}; ${atLeast} is published already`);
  const announced = md5.get(token);
  const found = createHash('md5').update(text).digest('hex');
  if (announced !== undefined && announced !== found)
    throw new Error(`its MD5 is ${found}, and ${announced} was announced for syncToken ${token}`);
}

const unavailable = (error: unknown, attempts: number) =>
  new SutureError(
    'ServiceUnavailable',
    `No sound document in ${attempts} attempts, so nothing was changed; the last: ${clause(error).replace(/^Error: /, '')}. The next message or the daily run tries again.`,
    { cause: error },
  );
