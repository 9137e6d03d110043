/** Calls the approval function by its URL. The environment's credentials sign the requests. */

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
import { plainText } from '../../functions/domain/plain-text.ts';
import { functionName } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';

export type ApprovalApi = {
  /** Returns all waiting approvals, the earliest deadline first. */
  list(): Promise<ApprovalView[]>;
  /** @throws Failure if there is no approval with this id */
  show(id: string): Promise<ApprovalDetail>;
  /** @throws Failure with the function's message if it refuses the answer */
  answer(id: string, request: AnswerRequest): Promise<AnswerReply>;
};

const refusalBody = z.union([
  z.object({ message: z.string() }),
  z.object({ Message: z.string() }).transform(({ Message }) => ({ message: Message })),
]);

/** @throws Failure if the function does not exist in the client's account and Region */
export async function approvalApi(client = new LambdaClient({})): Promise<ApprovalApi> {
  const { url, functionArn } = await findApprovalUrl(client);

  async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const response = await fetchSigned(client.config, method, new URL(path, url), body);
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw refusal(response.status, refusalBody.safeParse(answer).data?.message, functionArn);
  }

  return {
    async list() {
      const waiting: ApprovalView[] = [];
      for (let page = ''; ; ) {
        const { approvals, next } = ApprovalList.parse(await call('GET', page));
        waiting.push(...approvals);
        if (!next) return waiting.toSorted((a, b) => a.until.localeCompare(b.until));
        page = `?after=${next}`;
      }
    },
    show: async (id) => ApprovalDetail.parse(await call('GET', id)),
    answer: async (id, request) => AnswerReply.parse(await call('POST', id, request)),
  };
}

type Signer = Pick<LambdaClient['config'], 'credentials' | 'region' | 'sha256'>;

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
  // Fetch sets the header host itself and refuses to take it.
  const { host: _, ...headers } = signed.headers;
  return fetch(url, { method, headers, body: text });
}

export async function findApprovalUrl(client: LambdaClient): Promise<{ url: string; functionArn: string }> {
  const FunctionName = functionName('approvals');
  try {
    const { FunctionUrl, FunctionArn } = await client.send(new GetFunctionUrlConfigCommand({ FunctionName }));
    return { url: FunctionUrl!, functionArn: FunctionArn! };
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    const region = await client.config.region();
    throw new Failure(
      `There is no function ${FunctionName} in ${region}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  }
}

/** AWS's message for 403 does not name the missing permission. */
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
  return new Failure(
    message === undefined ? `The approval function answered ${status} without saying why.` : plainText(message),
  );
}
