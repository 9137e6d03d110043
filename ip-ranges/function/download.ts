/** One HTTPS request to the host that publishes the document, and to no other: no redirects, bounded in time and size. */

/** The only host that documents come from, whatever a message says. */
const HOST = 'ip-ranges.amazonaws.com';
/** `bytes`: of the body, whose size is 2.6 MB in 2026. `wholeMs`: of the request, from beginning to end. */
const LIMITS = { bytes: 16 * 1024 * 1024, wholeMs: 20_000 };
const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'suture' };

/**
 * Returns the body of the answer.
 * @throws Error that says what came instead of the document
 */
export async function download(limits = LIMITS, send = fetch): Promise<string> {
  const signal = AbortSignal.timeout(limits.wholeMs);
  try {
    const answer = await send(`https://${HOST}/ip-ranges.json`, { redirect: 'manual', headers: HEADERS, signal });
    const location = answer.headers.get('location');
    const where = location === null ? '' : ` to ${location.slice(0, 200)}, which was not followed`;
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new Error(`it answered ${answer.status}${where}`);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of answer.body!) {
      size += chunk.length;
      if (size > limits.bytes) throw new Error(`it sent more than ${limits.bytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    // The error of a broken connection is the cause of the one that fetch throws.
    const { message } = error instanceof TypeError && error.cause instanceof Error ? error.cause : (error as Error);
    const why = signal.aborted ? `it took longer than ${limits.wholeMs} ms` : message;
    throw new Error(`${HOST}: ${why}`, { cause: error });
  }
}
