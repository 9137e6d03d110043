/**
 * AWS's address ranges: the document at https://ip-ranges.amazonaws.com/ip-ranges.json, and the topic that announces
 * changes. Tests set the document and its faults.
 * Source: "AWS IP address ranges" and "AWS IP address ranges notifications", Amazon VPC user guide.
 */

import { wholeState } from '../../kernel/comparison.ts';
import {
  defineService,
  type Kernel,
  type PublicAnswer,
  type PublicRequest,
  type Service,
} from '../../kernel/kernel.ts';
import { locateNothing } from '../locate.ts';
import { IP_RANGES_PLACE, IP_RANGES_PUBLISHER, IP_RANGES_TOPIC_ARN } from './publication.ts';
import { IP_RANGES, type IpRangesState } from './state.ts';

const HOST = 'https://ip-ranges.amazonaws.com';
const DOCUMENT_PATH = '/ip-ranges.json';

export const ipRanges: Service<{}, IpRangesState> = defineService<{}, IpRangesState>({
  ...IP_RANGES,
  sdk: {},
  client: class {},
  prefix: 'ip-ranges',
  comparable: wholeState,
  locate: locateNothing,
  operations: {},
  hosts: { [HOST]: download },
  start: createTopic,
});

/** Everybody may subscribe. The topic's account is outside the organization. */
function createTopic(kernel: Kernel): void {
  if (kernel.partition !== 'aws') return;
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sns:Subscribe', Resource: IP_RANGES_TOPIC_ARN };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  kernel.background('the topic of IP ranges', async () => {
    const input = { Name: IP_RANGES_TOPIC_ARN.split(':').at(-1), Attributes: { Policy } };
    await kernel.call(IP_RANGES_PUBLISHER, IP_RANGES_PLACE, 'sns', 'CreateTopic', input);
  });
}

function download(kernel: Kernel, { origin, path }: PublicRequest): PublicAnswer {
  const state = kernel.state(IP_RANGES, IP_RANGES_PLACE);
  state.downloads.push({ at: kernel.clock.now(), origin, path });
  const [answer, ...next] = state.answers;
  if (next.length > 0) state.answers = next;
  if (!answer || path.split('?')[0] !== DOCUMENT_PATH) return htmlPage(404, 'Not Found');
  switch (answer.kind) {
    case 'document':
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(answer.text)) },
        body: [answer.text],
      };
    case 'answer':
      return htmlPage(answer.status, answer.text, answer.headers);
    case 'endless':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: spaces(answer.bytes) };
    default:
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'content-length': '1000000' },
        body: [answer.text],
        ending: answer.kind === 'stalled' ? 'silence' : 'break',
      };
  }
}

const htmlPage = (status: number, text: string, headers: Record<string, string> = {}): PublicAnswer => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: [text],
});

function* spaces(bytes: number): Generator<Uint8Array> {
  const chunk = Buffer.alloc(65_536, ' ');
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk.subarray(0, Math.min(chunk.length, bytes - sent));
}
