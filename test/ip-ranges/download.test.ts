/** The request itself, against a server of this machine: the function's own request can go nowhere but to its host. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { download } from '../../ip-ranges/function/download.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const LIMITS = { bytes: 1000, wholeMs: 200 };

async function downloaded(listener: RequestListener, limits = LIMITS) {
  server = createServer(listener);
  await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const asked: { readonly url: unknown; readonly method?: string }[] = [];
  const text = download(limits, (url, options) => {
    asked.push({ url, method: options?.method ?? 'GET' });
    return fetch(`http://127.0.0.1:${port}`, options);
  });
  return { text, asked };
}

describe('the download', () => {
  it('requests the one URL over HTTPS, and returns the body', async () => {
    const { text, asked } = await downloaded((_, answer) => answer.end('{"syncToken":"1"}'));
    expect(await text).toBe('{"syncToken":"1"}');
    expect(asked).toEqual([{ url: 'https://ip-ranges.amazonaws.com/ip-ranges.json', method: 'GET' }]);
  });

  const drip: RequestListener = (_, answer) => {
    answer.write('{');
    const timer = setInterval(() => answer.write(' '), 20);
    answer.on('close', () => clearInterval(timer));
  };
  it.each<[what: string, listener: RequestListener, says: RegExp]>([
    [
      'a redirect',
      (_, answer) => answer.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      /answered 302 to http:\/\/169\.254\.169\.254\/, which was not followed/,
    ],
    ['an error', (_, answer) => answer.writeHead(503).end('busy'), /answered 503/],
    ['a body that stalls', (_, answer) => void answer.write('{"sync'), /took longer than 200 ms/],
    ['a body that drips, though it never stalls', drip, /took longer than 200 ms/],
    ['a server that never answers', () => {}, /took longer than 200 ms/],
    ['a body that is too big', (_, answer) => answer.end('x'.repeat(2000)), /sent more than 1000 bytes/],
    [
      'a body that is too big, in pieces',
      (_, answer) => {
        for (let n = 0; n < 40; n++) answer.write('x'.repeat(50));
        answer.end();
      },
      /sent more than 1000 bytes/,
    ],
    [
      'a body that is cut off',
      (_, answer) => {
        answer.writeHead(200, { 'content-length': '900' });
        answer.write('{"sync', () => answer.destroy());
      },
      /ip-ranges.amazonaws.com: .*(other side closed|terminated|aborted)/,
    ],
  ])('refuses %s', async (_, listener, says) => {
    const { text } = await downloaded(listener);
    await expect(text).rejects.toThrow(says);
  });
});
