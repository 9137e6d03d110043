/** One HTTPS request to the host that publishes the document, and to no other: no redirects, bounded in time and size. */
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { IP_RANGES_HOST, IP_RANGES_PATH } from '../contract/targets.ts';

/** Of the body: the document has 2.6 MB in 2026. From beginning to end. */
const LIMITS = { bytes: 16 * 1024 * 1024, wholeMs: 20_000 };

/** @throws Error that says what came instead of the document */
export async function download(limits = LIMITS, send: (options: RequestOptions) => ClientRequest = request) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), limits.wholeMs);
  const sent = send({
    protocol: 'https:',
    hostname: IP_RANGES_HOST,
    port: 443,
    path: IP_RANGES_PATH,
    method: 'GET',
    agent: false,
    signal: giveUp.signal,
    headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'suture' },
  });
  try {
    const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
    const { location } = answer.headers;
    const where = location === undefined ? '' : ` to ${location.slice(0, 200)}, which was not followed`;
    if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}${where}`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer) {
      size += chunk.length;
      if (size > limits.bytes) throw new Error(`it sent more than ${limits.bytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    const why = giveUp.signal.aborted ? `it took longer than ${limits.wholeMs} ms` : (error as Error).message;
    throw new Error(`${IP_RANGES_HOST}: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
    sent.destroy();
  }
}
