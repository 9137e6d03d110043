/**
 * The aws-chunked framing of S3 uploads: `<size in hex>[;chunk-signature=…]\r\n<bytes>\r\n`, a chunk of size 0, and
 * trailing headers. Chunk signatures are not verified; the request's own signature is.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
type Headers = Readonly<Record<string, string | undefined>>;

export const isChunked = (headers: Headers) => headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;

export function decodeChunks(headers: Headers, body: Uint8Array): { headers: Headers; body: Uint8Array } {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const endOfLine = bytes.indexOf('\r\n', at);
    if (endOfLine < 0) break;
    const size = Number.parseInt(bytes.toString('latin1', at, endOfLine), 16);
    at = endOfLine + 2;
    if (!(size > 0)) break;
    chunks.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
  const encodings = (headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim());
  const contentEncoding = encodings.filter((encoding) => encoding && encoding !== 'aws-chunked').join(',') || undefined;
  return {
    headers: { ...headers, 'content-encoding': contentEncoding, ...trailers(bytes.toString('latin1', at)) },
    body: Buffer.concat(chunks),
  };
}

function trailers(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
