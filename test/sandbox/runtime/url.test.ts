import { afterEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../sandbox/kernel/kernel.ts';
import { stopFunctions } from '../../../sandbox/runtime/pool.ts';
import { handleFunctionUrl } from '../../../sandbox/services/lambda/urls.ts';
import { lambdaAndQueues, type Services } from '../support/lambda-and-queues.ts';
import { NOON } from '../support/runtime-kernel.ts';

const ARN = 'arn:aws:lambda:eu-central-1:111111111111:function:greet';
const ECHO = 'export const handler = async (event) => event';
const APPROVER: Principal = {
  kind: 'session',
  arn: 'arn:aws:sts::222222222222:assumed-role/Operator/ada',
  account: '222222222222',
  role: 'arn:aws:iam::222222222222:role/Operator',
  userId: 'AROAEXAMPLE:ada',
  sessionTags: {},
  issuedAt: NOON,
};

const STARTED: Services[] = [];
afterEach(async () => {
  for (const { kernel } of STARTED.splice(0)) await stopFunctions(kernel);
});

const sandbox = async (source: string, AuthType = 'AWS_IAM') => {
  const services = lambdaAndQueues();
  STARTED.push(services);
  await services.makeFunction(source);
  const { attributes } = await services.make('AWS::Lambda::Url', { TargetFunctionArn: ARN, AuthType });
  const base = new URL(attributes!.FunctionUrl).pathname.replace(/\/$/, '');
  const request = (parts: Partial<Parameters<typeof handleFunctionUrl>[1]> & { principal?: Principal | null } = {}) => {
    const { principal = APPROVER, url = '/', ...rest } = parts;
    const full = { method: 'GET', headers: {}, body: new Uint8Array(), ...rest, url: base + url };
    return handleFunctionUrl(services.kernel, full, principal ?? undefined);
  };
  return { ...services, request, id: base.split('/').at(-1)! };
};
const textOf = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString();

describe('a function URL', () => {
  it('passes the request to the function, with its signer', async () => {
    const { request, id } = await sandbox(ECHO);
    const answer = await request({
      method: 'POST',
      url: '/approve/x?a=1&a=2&b=%20',
      headers: {
        'content-type': 'application/json',
        cookie: 'one=1; two=2',
        'user-agent': 'curl',
        authorization: 'AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261122/eu-central-1/lambda/aws4_request',
      },
      body: Buffer.from('{"ok":true}'),
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(textOf(answer))).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/approve/x',
      rawQueryString: 'a=1&a=2&b=%20',
      cookies: ['one=1', 'two=2'],
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      queryStringParameters: { a: '1,2', b: ' ' },
      requestContext: {
        accountId: '222222222222',
        apiId: id,
        authorizer: {
          iam: {
            accessKey: 'ASIAEXAMPLE',
            accountId: '222222222222',
            callerId: 'AROAEXAMPLE:ada',
            cognitoIdentity: null,
            principalOrgId: 'o-exampleorgid',
            userArn: 'arn:aws:sts::222222222222:assumed-role/Operator/ada',
            userId: 'AROAEXAMPLE:ada',
          },
        },
        domainName: `${id}.lambda-url.eu-central-1.on.aws`,
        domainPrefix: id,
        http: { method: 'POST', path: '/approve/x', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'curl' },
        requestId: expect.any(String),
        routeKey: '$default',
        stage: '$default',
        time: '22/Nov/2026:12:00:00 +0000',
        timeEpoch: NOON,
      },
      body: '{"ok":true}',
      isBase64Encoded: false,
    });
  });

  it('needs both permissions', async () => {
    const { request, needs } = await sandbox(ECHO);
    await request();
    expect(needs.slice(-2)).toEqual([
      { action: 'lambda:InvokeFunctionUrl', resource: ARN, context: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      { action: 'lambda:InvokeFunction', resource: ARN, context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    ]);
  });

  it.each(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'])('is forbidden without %s', async (action) => {
    const { request, denied } = await sandbox(ECHO);
    denied.add(action);
    const answer = await request();
    expect(answer.status).toBe(403);
    expect(JSON.parse(textOf(answer)).Message).toMatch(/^Forbidden\./);
  });

  it('is forbidden without a signature', async () => {
    const { request } = await sandbox(ECHO);
    expect((await request({ principal: null })).status).toBe(403);
  });

  it('without authorization is open to everybody once both permissions are public', async () => {
    const { request, make } = await sandbox(ECHO, 'NONE');
    const open = { FunctionName: ARN, Principal: '*' };
    expect((await request({ principal: null })).status).toBe(403);
    await make('AWS::Lambda::Permission', { ...open, Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
    expect((await request({ principal: null })).status).toBe(403);
    await make('AWS::Lambda::Permission', { ...open, Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true });
    const answer = await request({ principal: null });
    expect(answer.status).toBe(200);
    expect(JSON.parse(textOf(answer)).requestContext).toMatchObject({ accountId: 'anonymous' });
  });

  it('is found by the name of its function', async () => {
    const { call, id } = await sandbox(ECHO);
    expect(await call('lambda', 'GetFunctionUrlConfig', { FunctionName: 'greet' })).toMatchObject({
      FunctionArn: ARN,
      FunctionUrl: expect.stringMatching(new RegExp(`/lambda-url/${id}/$`)),
      AuthType: 'AWS_IAM',
    });
    await expect(
      call('lambda', 'GetFunctionUrlConfig', { FunctionName: 'greet', Qualifier: '$LATEST' }),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it("returns the function's answer", async () => {
    const { request } = await sandbox(
      "export const handler = async () => ({ statusCode: 201, headers: { 'X-Id': 7 }, cookies: ['a=1'], body: 'w4Q=', isBase64Encoded: true })",
    );
    const answer = await request();
    expect(answer).toMatchObject({ status: 201, headers: { 'x-id': '7', 'set-cookie': 'a=1' } });
    expect(textOf(answer)).toBe('Ä');
  });

  it('answers 502 when the function fails, 429 when it is throttled, 404 when there is none', async () => {
    const { request, call, kernel } = await sandbox("export const handler = async () => { throw new Error('x') }");
    expect((await request()).status).toBe(502);
    await call('lambda', 'PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
    expect((await request()).status).toBe(429);
    const unknown = { method: 'GET', url: '/lambda-url/other/', headers: {}, body: new Uint8Array() };
    expect((await handleFunctionUrl(kernel, unknown, APPROVER)).status).toBe(404);
  });
});
