/** One HTTPS request to the host that publishes the document, and to no other: no redirects, bounded in time and size. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { IP_RANGES_HOST, IP_RANGES_PATH } from '../contract/targets.ts';

export type DownloadLimits = {
  /** Of the body; the document has 2.6 MB in 2026. */
  readonly bytes: number;
  /** Without a byte, and from beginning to end. */
  readonly idleMs: number;
  readonly wholeMs: number;
};
const LIMITS: DownloadLimits = { bytes: 16 * 1024 * 1024, idleMs: 5_000, wholeMs: 20_000 };

type Send = (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest;

/** @throws Error that says what came instead of the document */
export const download = (limits = LIMITS, send: Send = request): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = {
      protocol: 'https:',
      hostname: IP_RANGES_HOST,
      port: 443,
      path: IP_RANGES_PATH,
      method: 'GET',
      agent: false as const,
      timeout: limits.idleMs,
      headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'suture' },
    };
    const sent = send(options, (answer) => {
      if (answer.statusCode !== 200) {
        const { location } = answer.headers;
        const where = location === undefined ? '' : ` to ${location.slice(0, 200)}, which was not followed`;
        return fail(`it answered ${answer.statusCode}${where}`);
      }
      const announced = Number(answer.headers['content-length'] ?? 0);
      if (announced > limits.bytes) return fail(`it announced ${announced} bytes, more than ${limits.bytes}`);
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limits.bytes) return fail(`it sent more than ${limits.bytes} bytes`);
        chunks.push(chunk);
      });
      answer.on('end', () => {
        if (!answer.complete) return fail('it was cut off');
        clearTimeout(whole);
        resolve(Buffer.concat(chunks).toString('utf8'));
      });
      answer.on('error', (error) => fail(`the answer broke off: ${error.message}`));
    });
    const whole = setTimeout(() => fail(`it took longer than ${limits.wholeMs} ms`), limits.wholeMs);
    const fail = (why: string): void => {
      clearTimeout(whole);
      reject(new Error(`${IP_RANGES_HOST}: ${why}`));
      sent.destroy();
    };
    sent.on('timeout', () => fail(`it sent nothing for ${limits.idleMs} ms`));
    sent.on('error', (error) => fail(error.message));
    sent.end();
  });
