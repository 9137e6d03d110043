/** The approval function, called by its URL and signed with the environment's credentials. */
import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { isNamed } from '../../functions/contract/errors.ts';
import {
  AnswerReply,
  type AnswerRequest,
  ApprovalDetail,
  ApprovalList,
  type ApprovalView,
} from '../../functions/domain/approval.ts';
import { functionName } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';

export type ApprovalApi = {
  /** All that wait, whose time is up soonest first. */
  list(): Promise<ApprovalView[]>;
  /** @throws Failure where there is none of this id */
  show(id: string): Promise<ApprovalDetail>;
  /** @throws Failure with what the function says against it */
  answer(id: string, asked: AnswerRequest): Promise<AnswerReply>;
};

/** What both kinds of refusal look like: the function's own, and that of AWS in front of it. */
const Refusal = z.union([
  z.object({ message: z.string() }),
  z.object({ Message: z.string() }).transform(({ Message }) => ({ message: Message })),
]);

/** @throws Failure when there is no such function where the client looks */
export async function approvalApi(client = new LambdaClient({})): Promise<ApprovalApi> {
  const { url, functionArn } = await findUrl(client);

  async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const response = await fetchSigned(client.config, method, new URL(path, url), body);
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw refusal(response.status, Refusal.safeParse(answer).data?.message, functionArn);
  }

  return {
    async list() {
      const found: ApprovalView[] = [];
      for (let page = ''; ; ) {
        const { approvals, next } = ApprovalList.parse(await call('GET', page));
        found.push(...approvals);
        if (!next) return found.toSorted((a, b) => a.until.localeCompare(b.until));
        page = `?after=${next}`;
      }
    },
    show: async (id) => ApprovalDetail.parse(await call('GET', id)),
    answer: async (id, asked) => AnswerReply.parse(await call('POST', id, asked)),
  };
}

type Signer = Pick<LambdaClient['config'], 'credentials' | 'region' | 'sha256'>;

/** A request to a function URL, signed as its service expects. */
export async function fetchSigned(
  { credentials, region, sha256 }: Signer,
  method: 'GET' | 'POST',
  url: URL,
  body?: object,
): Promise<Response> {
  const { protocol, hostname, port, host, pathname, searchParams } = url;
  const text = body && JSON.stringify(body);
  const signed = await new SignatureV4({ service: 'lambda', region, credentials, sha256 }).sign({
    method,
    protocol,
    hostname,
    ...(port && { port: Number(port) }),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, ...(text && { 'content-type': 'application/json' }) },
    body: text,
  });
  // Fetch sets it by itself, and lets nobody else.
  const { host: _, ...headers } = signed.headers;
  return fetch(url, { method, headers, body: text });
}

export async function findUrl(client: LambdaClient): Promise<{ url: string; functionArn: string }> {
  const FunctionName = functionName('approvals');
  try {
    const found = await client.send(new GetFunctionUrlConfigCommand({ FunctionName }));
    return { url: found.FunctionUrl!, functionArn: found.FunctionArn! };
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    const region = await client.config.region();
    throw new Failure(
      `There is no function ${FunctionName} in ${region}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  }
}

/** AWS forbids in words of its own, which do not say what is missing. */
function refusal(status: number, message: string | undefined, functionArn: string): Failure {
  if (status === 403 && (message === undefined || message.startsWith('Forbidden')))
    return new Failure(
      [
        'IAM does not let you call the approval function. You need both of these in a policy of your role or user:',
        `  lambda:InvokeFunctionUrl on ${functionArn}`,
        `  lambda:InvokeFunction on ${functionArn}, where lambda:InvokedViaFunctionUrl is true`,
        'and your role or user must belong to the security account.',
      ].join('\n'),
    );
  return new Failure(message ?? `The approval function answered ${status} without saying why.`);
}
