import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { type ClientSettings, createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { sendApiRequest } from '../support/api-request.ts';

const ACCOUNT = '111111111111';
const OTHER = '222222222222';
const PLACE = { partition: 'aws', account: ACCOUNT, region: 'us-east-1' };

const CODE = `export const handler = async (event) => {
  const { mode } = JSON.parse(event.body ?? '{}');
  if (mode === 'throw') throw new Error('no');
  if (mode === 'malformed') return { ok: true };
  if (mode === 'number') return { statusCode: 200, body: 7 };
  if (mode === 'slow') await new Promise((done) => setTimeout(done, 40_000));
  return { statusCode: 201, headers: { 'X-Own': 'yes' }, body: JSON.stringify(event) };
}`;

let sandbox: Sandbox;
let api: string;
const hostOf = (id: string, region = 'us-east-1') => `${id}.execute-api.${region}.amazonaws.com`;

beforeAll(async () => {
  sandbox = await createSandbox({
    organization: {
      id: 'o-exampleorgid',
      managementAccount: '999999999999',
      accounts: [ACCOUNT, OTHER, '999999999999'].map((id) => ({ id, name: id })),
    },
    homeRegion: 'us-east-1',
  });
  api = await deployApi('orders', {});
});
afterAll(() => sandbox.close());

const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
});

type ApiOptions = {
  readonly endpoint?: object;
  readonly policy?: object;
  /** The path after the API's id that may call the function. */
  readonly source?: string;
  readonly settings?: object;
  readonly accessLog?: boolean;
};

async function deployApi(
  stack: string,
  { endpoint, policy, source = '/live/*', settings, accessLog }: ApiOptions,
): Promise<string> {
  const role = (name: string, service: string) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: `${stack}-${name}`,
      AssumeRolePolicyDocument: trust(service),
      Policies: [
        {
          PolicyName: 'logs',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
          },
        },
      ],
    },
  });
  const method = (ResourceId: object, HttpMethod: string) => ({
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: { Ref: 'Api' },
      ResourceId,
      HttpMethod,
      AuthorizationType: 'AWS_IAM',
      Integration: {
        Type: 'AWS_PROXY',
        IntegrationHttpMethod: 'POST',
        Uri: {
          'Fn::Sub': 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function.Arn}/invocations',
        },
      },
    },
  });
  const template = {
    Resources: {
      Role: role('function', 'lambda.amazonaws.com'),
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: `${stack}-function`,
          Code: { ZipFile: CODE },
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Timeout: 60,
        },
      },
      Api: {
        Type: 'AWS::ApiGateway::RestApi',
        Properties: {
          Name: stack,
          EndpointConfiguration: endpoint ?? { Types: ['REGIONAL'] },
          ...(policy && { Policy: policy }),
        },
      },
      Orders: {
        Type: 'AWS::ApiGateway::Resource',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
          PathPart: 'orders',
        },
      },
      Order: {
        Type: 'AWS::ApiGateway::Resource',
        Properties: { RestApiId: { Ref: 'Api' }, ParentId: { Ref: 'Orders' }, PathPart: '{id}' },
      },
      List: method({ Ref: 'Orders' }, 'GET'),
      Change: method({ Ref: 'Order' }, 'POST'),
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
          Principal: 'apigateway.amazonaws.com',
          SourceArn: { 'Fn::Sub': `arn:aws:execute-api:us-east-1:${ACCOUNT}:\${Api}${source}` },
        },
      },
      Deployment: {
        Type: 'AWS::ApiGateway::Deployment',
        DependsOn: ['List', 'Change'],
        Properties: { RestApiId: { Ref: 'Api' } },
      },
      ...(accessLog && {
        LogRole: role('logs', 'apigateway.amazonaws.com'),
        Account: {
          Type: 'AWS::ApiGateway::Account',
          Properties: { CloudWatchRoleArn: { 'Fn::GetAtt': ['LogRole', 'Arn'] } },
        },
      }),
      Stage: {
        Type: 'AWS::ApiGateway::Stage',
        ...(accessLog && { DependsOn: ['Account'] }),
        Properties: {
          RestApiId: { Ref: 'Api' },
          DeploymentId: { Ref: 'Deployment' },
          StageName: 'live',
          ...(settings && { MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ...settings }] }),
          ...(accessLog && {
            AccessLogSetting: {
              DestinationArn: 'arn:aws:logs:us-east-1:111111111111:log-group:access',
              Format:
                '{"by":"$context.identity.userArn","route":"$context.httpMethod $context.resourcePath","status":$context.status,"x":"$context.nothing"}',
            },
          }),
        },
      },
    },
  };
  const deployed = await deployTemplate(sandbox.kernel, PLACE, stack, template as never);
  return deployed.resources.get('Api')!.created.ref;
}

/** Returns the settings of a session that may do this. */
async function sessionWith(statements: readonly object[], account = ACCOUNT): Promise<ClientSettings> {
  const admin = sandbox.administrator(account);
  const iam = new IAMClient(admin);
  const RoleName = `caller-${sandbox.kernel.id('', 8)}`;
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
  });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  }
  const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${RoleName}`, RoleSessionName: 'ada' });
  const { Credentials } = await new STSClient(admin).send(assume);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  return {
    ...admin,
    credentials: { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! },
  };
}
const mayInvoke = (path: string, id = api) => ({
  Effect: 'Allow',
  Action: 'execute-api:Invoke',
  Resource: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${id}/${path}`,
});
const administrator = () => sandbox.administrator(ACCOUNT);
const send = (path: string, more: Partial<Parameters<typeof sendApiRequest>[0]> = {}) =>
  sendApiRequest({
    endpoint: sandbox.endpoint,
    settings: administrator(),
    host: hostOf(api),
    method: 'GET',
    path,
    ...more,
  });
const post = (path: string, body: object, more = {}) =>
  send(path, { method: 'POST', body: JSON.stringify(body), ...more });

const MISSING_TOKEN = {
  status: 403,
  type: 'MissingAuthenticationTokenException',
  body: { message: 'Missing Authentication Token' },
};

describe('a REST API', () => {
  it('calls its function with the proxy event, whose identity is the signer', async () => {
    const settings = await sessionWith([mayInvoke('live/POST/orders/*')]);
    const { status, headers, body } = await post('/live/orders/7?a=1&a=2', { actor: 'eve' }, { settings });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ 'x-own': 'yes', 'content-type': 'application/json' });
    expect(body).toMatchObject({
      resource: '/orders/{id}',
      path: '/orders/7',
      httpMethod: 'POST',
      queryStringParameters: { a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      pathParameters: { id: '7' },
      stageVariables: null,
      body: '{"actor":"eve"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: ACCOUNT,
        apiId: api,
        stage: 'live',
        path: '/live/orders/7',
        resourcePath: '/orders/{id}',
        identity: {
          accountId: ACCOUNT,
          caller: expect.stringMatching(/^AROA\w+:ada$/),
          user: expect.stringMatching(/^AROA\w+:ada$/),
          userArn: expect.stringMatching(/^arn:aws:sts::111111111111:assumed-role\/caller-\w+\/ada$/),
          sourceIp: '127.0.0.1',
          principalOrgId: 'o-exampleorgid',
        },
      },
    });
    expect(body.headers.authorization).toBeUndefined();
  });

  it('is found by its name, with permission to read it', async () => {
    const { items } = await new APIGatewayClient(administrator()).send(new GetRestApisCommand({}));
    expect(items).toContainEqual(expect.objectContaining({ id: api, name: 'orders' }));
    const nobody = new APIGatewayClient(await sessionWith([]));
    await expect(nobody.send(new GetRestApisCommand({}))).rejects.toThrow(
      /not authorized to perform: apigateway:GET on resource: arn:aws:apigateway:us-east-1::\/restapis/,
    );
  });

  it.each([
    ['an unknown path', '/live/nothing', {}],
    ['another method', '/live/orders', { method: 'DELETE' }],
    ['an unsigned request', '/live/orders', { settings: undefined }],
  ])('answers %s as a missing token', async (_, path, more) => {
    expect(await send(path, more)).toMatchObject(MISSING_TOKEN);
  });

  it('forbids an unknown stage, another Region and an unknown API', async () => {
    const refused = { status: 403, type: 'ForbiddenException', body: { message: 'Forbidden' } };
    expect(await send('/test/orders')).toMatchObject(refused);
    expect(await send('/live/orders', { host: hostOf('0123456789') })).toMatchObject(refused);
    expect(await send('/live/orders', { host: hostOf(api, 'eu-west-1') })).toMatchObject(refused);
  });

  it('refuses a signature for another service or with another body', async () => {
    expect(await send('/live/orders', { service: 'lambda' })).toMatchObject({
      status: 403,
      type: 'InvalidSignatureException',
      body: { message: "Credential should be scoped to correct service: 'execute-api'." },
    });
    expect(await post('/live/orders/7', {}, { sentBody: '{"other":true}' })).toMatchObject({
      status: 403,
      type: 'InvalidSignatureException',
    });
  });

  it.each<[string, (() => readonly object[]) | undefined, string]>([
    ['without permission', () => [], 'because no identity-based policy allows the execute-api:Invoke action'],
    ['with permission for another method', () => [mayInvoke('live/POST/*')], 'because no identity-based policy'],
    [
      'whom a policy denies',
      () => [mayInvoke('*'), { ...mayInvoke('live/GET/orders'), Effect: 'Deny' }],
      'with an explicit deny in an identity-based policy',
    ],
  ])('denies a signer %s', async (_, statements, reason) => {
    const settings = await sessionWith(statements!());
    const { status, type, body } = await send('/live/orders', { settings });
    expect([status, type]).toEqual([403, 'AccessDeniedException']);
    expect(body.Message).toMatch(
      new RegExp(
        `is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\\*{8}1111:${api}/live/GET/orders ${reason}`,
      ),
    );
  });

  it('denies a signer of another account', async () => {
    const settings = await sessionWith([{ Effect: 'Allow', Action: '*', Resource: '*' }], OTHER);
    expect(await send('/live/orders', { settings })).toMatchObject({ status: 403, type: 'AccessDeniedException' });
  });

  it.each(['throw', 'malformed', 'number'])('answers 502 to a function that does %s', async (mode) => {
    expect(await post('/live/orders/7', { mode })).toMatchObject({
      status: 502,
      type: 'InternalServerErrorException',
      body: { message: 'Internal server error' },
    });
  });

  it('answers 504 after 29 seconds', async () => {
    const before = sandbox.kernel.clock.now();
    expect(await post('/live/orders/7', { mode: 'slow' })).toMatchObject({
      status: 504,
      body: { message: 'Endpoint request timed out' },
    });
    expect(sandbox.kernel.clock.now() - before).toBe(29_000);
  });

  it('takes up to 10 MB', async () => {
    expect(await send('/live/orders/7', { method: 'POST', body: 'x'.repeat(10_485_761) })).toMatchObject({
      status: 413,
      type: 'RequestEntityTooLargeException',
      body: { message: 'Request Too Long' },
    });
  });
});

describe('a stage', () => {
  it('throttles, and logs each call that it authorized', async () => {
    const settings = { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 };
    const id = await deployApi('throttled', { settings, accessLog: true });
    const answers = [1, 2, 3].map(() => send('/live/orders', { host: hostOf(id) }));
    expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([201, 201, 429]);
    const logs = new CloudWatchLogsClient(sandbox.administrator(ACCOUNT, 'us-east-1'));
    const group = { logGroupName: 'access' };
    await logs.send(new CreateLogGroupCommand(group));
    const { events = [] } = await logs.send(new FilterLogEventsCommand(group));
    // A throttled call has no line.
    expect(events).toHaveLength(2);
    const later = { ...group, startTime: sandbox.kernel.clock.now() + 1 };
    expect((await logs.send(new FilterLogEventsCommand(later))).events).toEqual([]);
    expect(JSON.parse(events[0]!.message!)).toEqual({
      by: expect.stringContaining(`arn:aws:`),
      route: 'GET /orders',
      status: 201,
      x: '-',
    });
  });

  it('needs a role for its access log, and a deployment', async () => {
    const place = { ...PLACE, region: 'eu-west-1' };
    const stage = {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { RestApiId: 'none', DeploymentId: 'none', StageName: 'live' },
    };
    await expect(deployTemplate(sandbox.kernel, place, 'none', { Resources: { stage } } as never)).rejects.toThrow(
      'Invalid API identifier specified',
    );
  });
});

describe('a function whose policy names another API', () => {
  it('is not called', async () => {
    const id = await deployApi('foreign', { source: '/test/*' });
    expect(await send('/live/orders', { host: hostOf(id) })).toMatchObject({
      status: 500,
      body: { message: 'Internal server error' },
    });
  });
});

describe('a private API', () => {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'execute-api:Invoke',
        Resource: 'execute-api:/*',
        Condition: { StringNotEquals: { 'aws:SourceVpce': ['vpce-0a', 'vpce-0c'] } },
      },
    ],
  };
  it('is reached through its VPC endpoints only, as its policy says', async () => {
    const endpoint = { Types: ['PRIVATE'], VpcEndpointIds: ['vpce-0a', 'vpce-0b'] };
    const id = await deployApi('private', { endpoint, policy });
    const through = (name: string) => send('/live/orders', { host: hostOf(`${id}${name}`) });
    expect((await through('-vpce-0a')).status).toBe(201);
    expect(await through('')).toMatchObject({ status: 403, type: 'ForbiddenException' });
    expect(await through('-vpce-0c')).toMatchObject({ status: 403, type: 'ForbiddenException' });
    expect(await through('-vpce-0b')).toMatchObject({
      status: 403,
      type: 'AccessDeniedException',
      body: { Message: expect.stringContaining('with an explicit deny in a resource-based policy') },
    });
  });
  it('needs a policy', async () => {
    await expect(deployApi('open', { endpoint: { Types: ['PRIVATE'] } })).rejects.toThrow('resource policy');
  });
});
