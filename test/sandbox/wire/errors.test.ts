import { DynamoDBServiceException, ListTablesCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { GetRoleCommand, NoSuchEntityException } from '@aws-sdk/client-iam';
import { InvokeCommand, TooManyRequestsException } from '@aws-sdk/client-lambda';
import { GetObjectCommand, HeadObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import { GetPublicAccessBlockCommand } from '@aws-sdk/client-s3-control';
import { BatchUpdateFindingsCommand } from '@aws-sdk/client-securityhub';
import { QueueDoesNotExist, SendMessageCommand } from '@aws-sdk/client-sqs';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../../sandbox/kernel/kernel.ts';
import { serve } from './server.ts';
import { WIRE_SERVICES } from './services.ts';

let server: Awaited<ReturnType<typeof serve>>;
let thrown: AwsError;
beforeAll(async () => {
  server = await serve(Object.values(WIRE_SERVICES), () => {
    throw thrown;
  });
});
afterAll(() => server.close());

async function rejection(service: string, command: object, error: AwsError): Promise<any> {
  thrown = error;
  return server
    .client(WIRE_SERVICES[service]!)
    .send(command)
    .then(
      () => expect.unreachable('the call succeeded'),
      (rejected: unknown) => rejected,
    );
}

const calls: Readonly<Record<string, [service: string, command: () => object]>> = {
  'awsJson 1.0': ['dynamodb', () => new ListTablesCommand({})],
  'awsJson 1.0 with query codes': ['sqs', () => new SendMessageCommand({ QueueUrl: 'http://q', MessageBody: 'x' })],
  awsQuery: ['iam', () => new GetRoleCommand({ RoleName: 'r' })],
  ec2Query: ['ec2', () => new DescribeSecurityGroupsCommand({})],
  restJson: ['lambda', () => new InvokeCommand({ FunctionName: 'f' })],
  restXml: ['s3-control', () => new GetPublicAccessBlockCommand({ AccountId: '111122223333' })],
  'restXml of S3': ['s3', () => new GetObjectCommand({ Bucket: 'b', Key: 'k' })],
};

describe.each(Object.entries(calls))('in %s', (_protocol, [service, command]) => {
  it('an unmodelled code arrives with message, status and request id', async () => {
    const error = await rejection(service, command(), new AwsError('OddCode.Of.Ours', 'Größe <b> & "c"', 418));
    expect(error).toMatchObject({
      name: 'OddCode.Of.Ours',
      message: 'Größe <b> & "c"',
      $metadata: { httpStatusCode: 418, requestId: 'request-1' },
    });
  });

  it.each(['Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'SlowDown'])(
    '%s is throttling',
    async (code) => {
      const error = await rejection(service, command(), new AwsError(code, 'Rate exceeded', 400));
      expect({ name: error.name, throttling: isThrottlingError(error) }).toEqual({ name: code, throttling: true });
    },
  );

  it('a denial is neither throttling nor retryable', async () => {
    const error = await rejection(service, command(), new AwsError('AccessDenied', 'not authorized', 403));
    expect([isThrottlingError(error), isTransientError(error), isServerError(error)]).toEqual([false, false, false]);
  });

  it('an internal failure is retryable', async () => {
    const error = await rejection(service, command(), new AwsError('InternalFailure', 'try again', 500));
    expect([error.$fault, isTransientError(error)]).toEqual(['server', true]);
  });
});

describe('modelled errors', () => {
  it('the reasons of a cancelled transaction arrive', async () => {
    const reasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Message: 'no', Item: { id: { S: 'x' } } }];
    const error = await rejection(
      'dynamodb',
      new TransactWriteItemsCommand({ TransactItems: [] }),
      new AwsError('TransactionCanceledException', 'cancelled', 400, { CancellationReasons: reasons }),
    );
    expect(error).toBeInstanceOf(DynamoDBServiceException);
    expect(error).toMatchObject({ name: 'TransactionCanceledException', CancellationReasons: reasons });
  });

  it.each(['NoSuchEntity', 'NoSuchEntityException'])("IAM's %s is one error, with the model's status", async (code) => {
    const error = await rejection('iam', new GetRoleCommand({ RoleName: 'r' }), new AwsError(code, 'no role r'));
    expect(error).toBeInstanceOf(NoSuchEntityException);
    expect(error).toMatchObject({
      name: 'NoSuchEntityException',
      message: 'no role r',
      Error: { Type: 'Sender', Code: 'NoSuchEntity' },
      $metadata: { httpStatusCode: 404 },
    });
  });

  it("SQS's errors have the query protocol's code too", async () => {
    const error = await rejection(
      'sqs',
      calls['awsJson 1.0 with query codes']![1](),
      new AwsError('QueueDoesNotExist', 'none'),
    );
    expect(error).toBeInstanceOf(QueueDoesNotExist);
    expect(error).toMatchObject({ Error: { Code: 'AWS.SimpleQueueService.NonExistentQueue', Type: 'Sender' } });
  });

  it('members in headers arrive', async () => {
    const limit = new AwsError('TooManyRequestsException', 'slower', 400, {
      retryAfterSeconds: '7',
      Reason: 'CallerRateLimitExceeded',
    });
    const error = await rejection('lambda', new InvokeCommand({ FunctionName: 'f' }), limit);
    expect(error).toBeInstanceOf(TooManyRequestsException);
    expect(error).toMatchObject({
      retryAfterSeconds: '7',
      Reason: 'CallerRateLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
  });

  it("Security Hub's errors keep their own member named Code", async () => {
    const error = await rejection(
      'securityhub',
      new BatchUpdateFindingsCommand({ FindingIdentifiers: [] }),
      new AwsError('InvalidInputException', 'bad', 400, { Code: 'InvalidInput' }),
    );
    expect(error).toMatchObject({ name: 'InvalidInputException', message: 'bad', Code: 'InvalidInput' });
  });

  it("S3's errors are recognised by their class, and in answers to HEAD by their status", async () => {
    const missing = new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    expect(await rejection('s3', new GetObjectCommand({ Bucket: 'b', Key: 'k' }), missing)).toBeInstanceOf(NoSuchKey);
    const head = await rejection('s3', new HeadObjectCommand({ Bucket: 'b', Key: 'k' }), missing);
    expect(head).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });
});

describe('requests that cannot be decoded', () => {
  it.each([
    ['awsJson 1.0', 'DynamoDB_20120810'],
    ['ec2Query', 'ec2'],
    ['restJson', 'lambda'],
    ['restXml of S3', 's3'],
  ])('an unknown service is named, also in %s', async (protocol, name) => {
    const [service, command] = calls[protocol]!;
    const small = await serve([WIRE_SERVICES.iam!], () => ({}));
    const error = await small
      .client(WIRE_SERVICES[service]!)
      .send(command())
      .catch((rejected: unknown) => rejected);
    small.close();
    expect(error).toMatchObject({ name: 'NotModelled', message: expect.stringContaining(`no service ${name} `) });
  });

  it('an unknown operation is named', async () => {
    const headers = { 'x-amz-target': 'DynamoDB_20120810.Compact', 'content-type': 'application/x-amz-json-1.0' };
    const request = { method: 'POST', url: '/', headers, body: Buffer.from('{}') };
    await expect(server.wire.decode(request)).rejects.toMatchObject({
      code: 'UnknownOperationException',
      message: expect.stringContaining('Compact'),
    });
  });

  it('a broken body is a SerializationException', async () => {
    const headers = { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' };
    const request = { method: 'POST', url: '/', headers, body: Buffer.from('{"Limit":') };
    await expect(server.wire.decode(request)).rejects.toMatchObject({ code: 'SerializationException' });
  });

  it('a lone percent sign in a path is a SerializationException too', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/lambda/aws4_request';
    const url = '/2015-03-31/functions/%E0%A4%A?Qualifier=%';
    const request = { method: 'GET', url, headers: { authorization }, body: new Uint8Array() };
    await expect(server.wire.decode(request)).rejects.toMatchObject({ code: 'SerializationException' });
  });

  it('without signature and operation, the token is missing', async () => {
    const request = { method: 'GET', url: '/2015-03-31/functions', headers: {}, body: new Uint8Array() };
    await expect(server.wire.decode(request)).rejects.toMatchObject({ code: 'MissingAuthenticationToken' });
  });
});
