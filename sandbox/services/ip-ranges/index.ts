/**
 * The IP address ranges that AWS publishes: the document at https://ip-ranges.amazonaws.com/ip-ranges.json, and the topic
 * that tells of changes. Tests say what is published, and with which faults.
 * Source: "AWS IP address ranges" and "AWS IP address ranges notifications", Amazon VPC user guide.
 */
import { type AwsPlace, defineService, type Kernel, type Principal, type Service } from '../../kernel/kernel.ts';
import type { PublicAnswer, PublicRequest } from '../../kernel/public-hosts.ts';

const HOST = 'https://ip-ranges.amazonaws.com';
const DOCUMENT = '/ip-ranges.json';
const PUBLISHER = '806199016981';
export const TOPIC = `arn:aws:sns:us-east-1:${PUBLISHER}:AmazonIpSpaceChanged`;

/** What a download gets. */
export type Published =
  | { readonly kind: 'document'; readonly text: string }
  /** Any other answer: an error page, a redirect. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly text: string;
      readonly headers?: Record<string, string>;
    }
  /** As many bytes of white space, without saying so before. */
  | { readonly kind: 'endless'; readonly bytes: number }
  /** The beginning of a document, then nothing more, or a connection that breaks. */
  | { readonly kind: 'stalled' | 'broken'; readonly text: string };

const global = { region: 'GLOBAL', network_border_group: 'GLOBAL' };
/** What is published as long as nothing else is: the addresses of documentation (RFC 5737, RFC 3849). */
const FIRST = {
  syncToken: '1577836800',
  createDate: '2020-01-01-00-00-00',
  prefixes: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'].flatMap((ip_prefix) =>
    ['AMAZON', 'CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING'].map((service) => ({ ip_prefix, ...global, service })),
  ),
  ipv6_prefixes: ['AMAZON', 'CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING'].map((service) => ({
    ipv6_prefix: '2001:db8::/32',
    ...global,
    service,
  })),
};

type PublishedState = {
  answers: readonly Published[];
  readonly downloads: { at: number; origin: string; path: string }[];
};

export const ipRanges: Service<{}, PublishedState> = defineService<{}, PublishedState>({
  name: 'ip-ranges',
  sdk: {},
  client: class {},
  prefix: 'ip-ranges',
  scope: 'partition',
  state: () => ({ answers: [{ kind: 'document', text: JSON.stringify(FIRST) }], downloads: [] }),
  operations: {},
  hosts: { [HOST]: download },
  start: makeTopic,
});

/** What downloads get from now on: one answer each, the last one for ever. */
export const publish = (kernel: Kernel, ...answers: readonly Published[]): void => {
  stateOf(kernel).answers = answers;
};

/** Every download so far. */
export const downloads = (kernel: Kernel): PublishedState['downloads'] => [...stateOf(kernel).downloads];

/** Sends a message to the topic's subscribers, as it is written. */
export async function announce(kernel: Kernel, message: string): Promise<void> {
  const input = { TopicArn: TOPIC, Subject: 'IP Space Changed', Message: message };
  await kernel.call(publisher, topicPlace, 'sns', 'Publish', input);
}

const publisher: Principal = { kind: 'root', arn: `arn:aws:iam::${PUBLISHER}:root`, account: PUBLISHER };
const topicPlace: AwsPlace = { partition: 'aws', account: PUBLISHER, region: 'us-east-1' };

/** Everybody may subscribe. Its account is in nobody's organization. */
function makeTopic(kernel: Kernel): void {
  if (kernel.partition !== 'aws') return;
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sns:Subscribe', Resource: TOPIC };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  kernel.background('the topic of IP ranges', async () => {
    const input = { Name: TOPIC.split(':').at(-1), Attributes: { Policy } };
    await kernel.call(publisher, topicPlace, 'sns', 'CreateTopic', input);
  });
}

function download(kernel: Kernel, { origin, path }: PublicRequest): PublicAnswer {
  const state = stateOf(kernel);
  state.downloads.push({ at: kernel.clock.now(), origin, path });
  const [published, ...next] = state.answers;
  if (next.length > 0) state.answers = next;
  if (!published || path.split('?')[0] !== DOCUMENT) return page(404, 'Not Found');
  switch (published.kind) {
    case 'document':
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(published.text)) },
        body: [published.text],
      };
    case 'answer':
      return page(published.status, published.text, published.headers);
    case 'endless':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: spaces(published.bytes) };
    default:
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'content-length': '1000000' },
        body: [published.text],
        ending: published.kind === 'stalled' ? 'silence' : 'break',
      };
  }
}

const page = (status: number, text: string, headers: Record<string, string> = {}): PublicAnswer => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: [text],
});

function* spaces(bytes: number): Generator<Uint8Array> {
  const chunk = Buffer.alloc(65_536, ' ');
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk.subarray(0, Math.min(chunk.length, bytes - sent));
}

const stateOf = (kernel: Kernel): PublishedState => kernel.state(ipRanges, topicPlace);
