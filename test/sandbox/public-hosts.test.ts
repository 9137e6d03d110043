import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { runFunction } from '../../sandbox/runtime/pool.ts';
import {
  announceIpRanges,
  IP_RANGES_TOPIC_ARN,
  ipRangesDownloads,
  publishIpRanges,
} from '../../sandbox/services/ip-ranges/publication.ts';
import { functionCode } from './support/runtime-kernel.ts';

const URL = 'https://ip-ranges.amazonaws.com/ip-ranges.json';
const OWN = '111122223333';
let sandbox: Sandbox;

beforeAll(async () => {
  const accounts = [{ id: OWN, name: 'own' }];
  const organization = { id: 'o-exampleorgid', managementAccount: OWN, accounts };
  sandbox = await createSandbox({ organization, homeRegion: 'us-east-1' });
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  await as('iam', 'CreateRole', {
    RoleName: 'fetcher',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
  });
});
afterAll(() => sandbox.close());
const as = (service: string, operation: string, input: object): Promise<any> =>
  sandbox.kernel.call(
    sandbox.kernel.administrator!(OWN),
    { partition: 'aws', account: OWN, region: 'us-east-1' },
    service,
    operation,
    input,
  );

/**
 * Returns a function's source that evaluates `how`. In it, `asked(url)` reports the answer or the error, with the
 * elapsed milliseconds.
 */
const get = (how: string): string => `
  import https from 'node:https';
  import http, { get } from 'node:http';
  const asked = (url, limit = Infinity) => new Promise((resolve) => {
    const signal = AbortSignal.timeout(20_000);
    const by = (url.protocol ?? url).startsWith('https:') ? https.get : get;
    const request = by(...(url.protocol ? [{ ...url, signal }] : [url, { signal }]), (answer) => {
      let size = 0, text = '';
      answer.on('data', (chunk) => {
        size += chunk.length;
        if (size <= 1000) text += chunk;
        if (size > limit) { request.destroy(); resolve({ status: answer.statusCode, size: 'too much' }); }
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text, size, location: answer.headers.location }));
      answer.on('error', failed);
      got = () => ({ status: answer.statusCode, text });
    });
    let got = () => ({});
    const failed = (error) => resolve({ ...got(), error: error.name, after: Date.now() - started });
    request.on('error', failed);
  });
  let started;
  export const handler = async () => { started = Date.now(); return ${how}; };
`;
async function run(source: string): Promise<any> {
  const code = functionCode(get(source), { account: OWN, role: `arn:aws:iam::${OWN}:role/fetcher`, revision: source });
  const event = { code, event: '{}', invokedArn: code.arn, requestId: 'r' };
  const outcome = await runFunction(sandbox.kernel, event);
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.error));
  return JSON.parse(outcome.payload);
}

describe('a function that requests the published ranges', () => {
  it('gets the published document over https', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'document', text: '{"syncToken":"1"}' });
    expect(await run(`asked('${URL}')`)).toMatchObject({ status: 200, text: '{"syncToken":"1"}' });
    expect(ipRangesDownloads(sandbox.kernel).at(-1)).toMatchObject({ path: '/ip-ranges.json' });
  });

  it('gets the published answers in turn, then the last one again', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'document', text: 'old' }, { kind: 'document', text: 'new' });
    const three = await run(`[await asked('${URL}'), await asked('${URL}'), await asked('${URL}')]`);
    expect(three.map(({ text }: any) => text)).toEqual(['old', 'new', 'new']);
  });

  it('gets a redirect unchanged', async () => {
    const headers = { location: 'http://169.254.169.254/' };
    publishIpRanges(sandbox.kernel, { kind: 'answer', status: 302, text: 'Found', headers });
    expect(await run(`asked('${URL}')`)).toMatchObject({ status: 302, location: 'http://169.254.169.254/' });
  });

  it('can stop reading a body of a hundred megabytes', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'endless', bytes: 100_000_000 });
    expect(await run(`asked('${URL}', 5_000_000)`)).toEqual({ status: 200, size: 'too much' });
  });

  it('times out on a body that stalls, in virtual time', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'stalled', text: '{"sync' });
    expect(await run(`asked('${URL}')`)).toMatchObject({ status: 200, text: '{"sync', after: 20_000 });
  });

  it('gets an error at once when the connection breaks', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'broken', text: '{"sync' });
    expect(await run(`asked('${URL}')`)).toMatchObject({ error: 'Error', after: 0 });
  });

  it('gets the document with an explicit port', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'document', text: '{}' });
    const options = { protocol: 'https:', hostname: 'ip-ranges.amazonaws.com', port: 443, path: '/ip-ranges.json' };
    expect(await run(`asked(${JSON.stringify(options)})`)).toMatchObject({ status: 200 });
  });

  it('gets the document with fetch', async () => {
    publishIpRanges(sandbox.kernel, { kind: 'document', text: '{"syncToken":"1"}' });
    expect(await run(`(await fetch('${URL}')).json()`)).toEqual({ syncToken: '1' });
  });
});

describe('another host', () => {
  it.each([
    ['the metadata service', `asked('http://169.254.169.254/latest/meta-data/')`, 'http://169.254.169.254'],
    [
      'a host that looks alike',
      `asked('https://ip-ranges.amazonaws.com.example/')`,
      'https://ip-ranges.amazonaws.com.example',
    ],
    ['another port', `asked('https://ip-ranges.amazonaws.com:8443/')`, 'https://ip-ranges.amazonaws.com:8443'],
    ['unencrypted', `asked('http://ip-ranges.amazonaws.com/')`, 'http://ip-ranges.amazonaws.com'],
  ])('is not reached: %s', async (_, ask, origin) => {
    expect(await run(ask)).toMatchObject({ status: 501, text: `The sandbox does not play the host ${origin}` });
  });
});

describe('the topic of changes', () => {
  it('accepts subscribers of any account and sends them announcements', async () => {
    const { QueueUrl } = await as('sqs', 'CreateQueue', { QueueName: 'changes' });
    const Statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { ArnEquals: { 'aws:SourceArn': IP_RANGES_TOPIC_ARN } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await as('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    const Endpoint = `arn:aws:sqs:us-east-1:${OWN}:changes`;
    await as('sns', 'Subscribe', {
      TopicArn: IP_RANGES_TOPIC_ARN,
      Protocol: 'sqs',
      Endpoint,
      Attributes: { RawMessageDelivery: 'true' },
    });
    await announceIpRanges(sandbox.kernel, '{"synctoken":"1"}');
    await sandbox.settled();
    const { Messages } = await as('sqs', 'ReceiveMessage', { QueueUrl });
    expect(Messages).toMatchObject([{ Body: '{"synctoken":"1"}' }]);
  });

  it('does not let others publish', async () => {
    await expect(as('sns', 'Publish', { TopicArn: IP_RANGES_TOPIC_ARN, Message: 'forged' })).rejects.toMatchObject({
      code: expect.stringMatching(/AuthorizationError|AccessDenied/),
    });
  });
});
