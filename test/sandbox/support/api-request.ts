/** Sends requests to REST APIs of the sandbox: over HTTP, with the host name that an API has on AWS. */
import { request } from 'node:http';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ClientSettings } from '../../../sandbox/index.ts';

export type TestApiRequest = {
  /** Absent: unsigned. */
  readonly settings: ClientSettings | undefined;
  readonly endpoint: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Instead of the body that was signed. */
  readonly sentBody?: string;
  readonly service?: string;
};
export type TestApiAnswer = {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: any;
};

export async function sendApiRequest(given: TestApiRequest): Promise<TestApiAnswer> {
  const { settings, host, method, path, body, sentBody = body } = given;
  const { hostname, port } = new URL(given.endpoint);
  const headers = settings ? await signedHeaders(given, settings) : { host };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const type = response.headers['x-amzn-errortype'] as string | undefined;
        resolve({ status: response.statusCode!, type, headers: response.headers, body: text && JSON.parse(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(sentBody);
  });
}

async function signedHeaders(
  { host, method, path, body, service = 'execute-api' }: TestApiRequest,
  settings: ClientSettings,
) {
  const { searchParams, pathname } = new URL(path, 'http://x');
  const query = Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
  const { region, credentials } = settings;
  const { headers } = await new SignatureV4({ service, region, credentials, sha256: Sha256 }).sign({
    method,
    protocol: 'https:',
    hostname: host,
    path: pathname,
    query,
    headers: { host, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body,
  });
  return headers;
}
