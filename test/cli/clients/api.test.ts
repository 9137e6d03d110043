import { Buffer } from 'node:buffer';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { describe, expect, it } from 'vitest';
import { sutureApi } from '../../../cli/clients/api.ts';

/** Answers with one REST API, and then with these statuses, the last one for good. */
const clientOf = (...statuses: number[]) => clientSaying('Internal server error', ...statuses);

function clientSaying(message: string, ...statuses: number[]) {
  let requests = 0;
  const answer = (statusCode: number, body: object) => ({
    response: { statusCode, headers: {}, body: Buffer.from(JSON.stringify(body)) },
  });
  const client = new APIGatewayClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async ({ hostname }: { hostname: string }) => {
        if (!hostname.includes('execute-api')) return answer(200, { item: [{ id: 'a1', name: 'suture' }] }) as never;
        requests += 1;
        const status = statuses[Math.min(requests, statuses.length) - 1]!;
        return answer(status, status === 200 ? { done: true } : { message }) as never;
      },
    },
  });
  return { client, requests: () => requests };
}

describe('a request to the API', () => {
  it.each([429, 500])('is sent again after %i, with which API Gateway says that no function ran', async (status) => {
    const { client, requests } = clientOf(status, status, 200);
    const api = await sutureApi(client);
    expect(await api.call('stop', { body: {} })).toEqual({ done: true });
    expect(requests()).toBe(3);
  });
  it.each([
    ['stop', 'suture-viewer/ann', 'The role suture-operator may: run the command again with --as operator'],
    ['answerApproval', 'suture-operator/ann', 'The role suture-approver may: run the command again with --as approver'],
    ['answerApproval', 'suture-approver/ann', 'Use the role of a person who may'],
    ['listApprovals', 'other/ann', 'Use the role of a person who may'],
  ] as const)('that IAM denies names who may: %s by %s', async (route, caller, expected) => {
    const text = `User: arn:aws:sts::111111111111:assumed-role/${caller} is not authorized to perform: execute-api:Invoke`;
    const { client } = clientSaying(text, 403);
    const call = (await sutureApi(client)).call(route, { parameters: { id: 'a' } });
    // Whatever asks AWS exits with 3 when IAM denies it.
    await expect(call).rejects.toMatchObject({
      name: 'Unreachable',
      message: expect.stringMatching(new RegExp(`^IAM does not let you use .*${expected}`)),
    });
  });
  it('with an empty body says whether IAM permits it, whatever the function answers', async () => {
    const text =
      'User: arn:aws:sts::111111111111:assumed-role/suture-viewer/ann is not authorized to perform: execute-api:Invoke';
    const ask = async (message: string, status: number) =>
      (await sutureApi(clientSaying(message, status).client)).requirePermission('answerApproval', {
        parameters: { id: 'a' },
      });
    await expect(ask(text, 403)).rejects.toThrow(/^IAM does not let you use POST \/approvals\/a: /);
    await ask('The body must be { "answer": "approve" | "deny", "reason"? }.', 400);
    await ask('ada asked for this change. Somebody else must approve it.', 403);
  });
  it('is not sent again after 502, with which it says that the function failed', async () => {
    const { client, requests } = clientOf(502, 200);
    await expect((await sutureApi(client)).call('stop', { body: {} })).rejects.toThrow('Internal server error');
    expect(requests()).toBe(1);
  });
  it('to which the API fails says so, with the article, and for stop with the way around the API', async () => {
    const errorOf = async (route: 'stop' | 'listApprovals') =>
      (await sutureApi(clientOf(502).client))
        .call(route)
        .then(String, ({ name, message }: Error) => ({ name, message }));
    expect(await errorOf('listApprovals')).toEqual({
      name: 'Failure',
      message:
        'Suture\'s API failed: it answered GET /approvals with 502, "Internal server error". docs/runbook.md#api-gateway-errors says how to find the cause. Run the same command again when the cause is removed.',
    });
    expect(await errorOf('stop')).toMatchObject({
      message: expect.stringMatching(
        / docs\/runbook\.md#api-errors has the command that stops every change without the API\.$/,
      ),
    });
  });
});
