import { gzipSync } from 'node:zlib';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetBucketLocationCommand } from '@aws-sdk/client-s3';
import { XmlCodec } from '@aws-sdk/core/protocols';
import { cbor } from '@smithy/core/cbor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../../sandbox/kernel/kernel.ts';
import { createWire, type WireRequest } from '../../../sandbox/wire/wire.ts';
import { serve } from './server.ts';
import { WIRE_SERVICES } from './services.ts';

const wire = createWire(Object.values(WIRE_SERVICES));
const XML_READER = new XmlCodec({
  xmlNamespace: '',
  serviceNamespace: '',
  timestampFormat: { useTrait: true, default: 5 },
}).createDeserializer();

async function xml(body: Uint8Array) {
  const [, root] = /<([A-Za-z]+)/.exec(Buffer.from(body).toString())!;
  return { [root!]: await XML_READER.read(15, body) };
}

const signedAs = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

const form = (service: string, body: string): WireRequest => ({
  method: 'POST',
  url: '/',
  headers: {
    authorization: signedAs(service),
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  },
  body: Buffer.from(body),
});

describe('a query call of the AWS CLI', () => {
  it('to CloudWatch, whose JavaScript client speaks JSON', async () => {
    const request = form(
      'monitoring',
      'Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FLambda&MetricName=Errors' +
        '&Dimensions.member.1.Name=FunctionName&Dimensions.member.1.Value=f' +
        '&StartTime=2026-01-02T00%3A00%3A00Z&EndTime=2026-01-02T01%3A00%3A00Z&Period=60&Statistics.member.1=Sum',
    );
    const decoded = await wire.decode(request);
    expect(decoded).toEqual({
      service: 'cloudwatch',
      operation: 'GetMetricStatistics',
      protocol: 'awsQuery',
      queryMode: false,
      input: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: 'f' }],
        StartTime: new Date('2026-01-02T00:00:00Z'),
        EndTime: new Date('2026-01-02T01:00:00Z'),
        Period: 60,
        Statistics: ['Sum'],
      },
    });
    const output = { Label: 'Errors', Datapoints: [{ Timestamp: new Date('2026-01-02T00:05:00Z'), Sum: 3 }] };
    const { headers, body } = await wire.encode(decoded, output, 'id-1');
    expect(headers).toMatchObject({ 'content-type': 'text/xml', 'x-amzn-requestid': 'id-1' });
    expect(await xml(body)).toMatchObject({
      GetMetricStatisticsResponse: {
        GetMetricStatisticsResult: {
          Label: 'Errors',
          Datapoints: { member: { Timestamp: '2026-01-02T00:05:00Z', Sum: '3' } },
        },
        ResponseMetadata: { RequestId: 'id-1' },
      },
    });
  });

  it('to SNS, with a map and the text of a message', async () => {
    const decoded = await wire.decode(
      form(
        'sns',
        'Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3At&Message=a+b%26c%0A' +
          '&MessageAttributes.entry.1.Name=kind&MessageAttributes.entry.1.Value.DataType=String' +
          '&MessageAttributes.entry.1.Value.StringValue=x',
      ),
    );
    expect(decoded).toMatchObject({
      service: 'sns',
      operation: 'Publish',
      input: { Message: 'a b&c\n', MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } } },
    });
  });

  it('to IAM, with a list beyond nine in order, and its error', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `&TagKeys.member.${index + 1}=k${index + 1}`).reverse();
    const decoded = await wire.decode(form('iam', `Action=UntagRole&Version=2010-05-08&RoleName=r${keys.join('')}`));
    expect(decoded.input.TagKeys).toEqual(Array.from({ length: 12 }, (_, index) => `k${index + 1}`));
    const answer = wire.encodeError(decoded, new AwsError('NoSuchEntityException', 'no role'), 'id-1');
    expect(answer.status).toBe(404);
    expect(await xml(answer.body)).toMatchObject({
      ErrorResponse: { Error: { Type: 'Sender', Code: 'NoSuchEntity', Message: 'no role' }, RequestId: 'id-1' },
    });
  });

  it('to STS without a signature, recognised by the version', async () => {
    const { authorization: _, ...headers } = form('sts', '').headers;
    const body = Buffer.from(
      'Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s&WebIdentityToken=t',
    );
    await expect(wire.decode({ method: 'POST', url: '/', headers, body })).resolves.toMatchObject({
      service: 'sts',
      operation: 'AssumeRoleWithWebIdentity',
      input: { WebIdentityToken: 't' },
    });
  });

  it('to EC2, with filters and a request id in the answer', async () => {
    const body =
      'Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=isDefault&Filter.1.Value.1=true&Filter.1.Value.2=false';
    const decoded = await wire.decode(form('ec2', body));
    expect(decoded).toMatchObject({
      protocol: 'ec2Query',
      input: { Filters: [{ Name: 'isDefault', Values: ['true', 'false'] }] },
    });
    const { body: answer } = await wire.encode(decoded, { Vpcs: [{ VpcId: 'vpc-1', IsDefault: true }] }, 'id-1');
    expect(await xml(answer)).toMatchObject({
      DescribeVpcsResponse: { requestId: 'id-1', vpcSet: { item: { vpcId: 'vpc-1', isDefault: 'true' } } },
    });
  });
});

describe('protocols that the JavaScript client does not use', () => {
  it('the query protocol to SQS, with flattened lists', async () => {
    const decoded = await wire.decode(
      form(
        'sqs',
        'Action=GetQueueAttributes&Version=2012-11-05&QueueUrl=u&AttributeName.1=QueueArn&AttributeName.2=Policy',
      ),
    );
    expect(decoded.input).toEqual({ QueueUrl: 'u', AttributeNames: ['QueueArn', 'Policy'] });
    const { body } = await wire.encode(decoded, { Attributes: { QueueArn: 'arn' } }, 'id-1');
    expect(await xml(body)).toMatchObject({
      GetQueueAttributesResponse: { GetQueueAttributesResult: { Attribute: { Name: 'QueueArn', Value: 'arn' } } },
    });
  });

  it('JSON to SQS without the query mode answers without its header', async () => {
    const headers = { 'x-amz-target': 'AmazonSQS.GetQueueUrl', 'content-type': 'application/x-amz-json-1.0' };
    const decoded = await wire.decode({ method: 'POST', url: '/', headers, body: Buffer.from('{"QueueName":"q"}') });
    expect(decoded).toMatchObject({ service: 'sqs', operation: 'GetQueueUrl', input: { QueueName: 'q' } });
    const { headers: answered } = wire.encodeError(decoded, new AwsError('QueueDoesNotExist', 'none'), 'id-1');
    expect(answered).not.toHaveProperty('x-amzn-query-error');
  });

  it('CBOR to CloudWatch', async () => {
    const started = new Date('2026-01-02T00:00:00Z');
    const decoded = await wire.decode({
      method: 'POST',
      url: '/service/GraniteServiceVersion20100801/operation/DescribeAlarmHistory',
      headers: { authorization: signedAs('monitoring'), 'smithy-protocol': 'rpc-v2-cbor' },
      body: cbor.serialize({ AlarmName: 'a', MaxRecords: 5 }),
    });
    expect(decoded).toMatchObject({ operation: 'DescribeAlarmHistory', input: { AlarmName: 'a', MaxRecords: 5 } });
    const answer = await wire.encode(decoded, { AlarmHistoryItems: [{ AlarmName: 'a', Timestamp: started }] });
    expect(answer.headers).toMatchObject({ 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' });
    expect(cbor.deserialize(answer.body)).toMatchObject({
      AlarmHistoryItems: [{ AlarmName: 'a', Timestamp: { tag: 1, value: started.getTime() / 1000 } }],
    });
  });

  it("CloudTrail's longer target", async () => {
    const target = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents';
    const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
    const decoded = await wire.decode({ method: 'POST', url: '/', headers, body: Buffer.from('{}') });
    expect(decoded).toMatchObject({ service: 'cloudtrail', operation: 'LookupEvents' });
  });
});

describe('REST calls without the additions of the JavaScript client', () => {
  const bucket = { authorization: signedAs('s3') };
  it.each([
    ['GET', '/', {}, 'ListBuckets', {}],
    ['GET', '/b', {}, 'ListObjects', { Bucket: 'b' }],
    ['GET', '/b/?list-type=2&prefix=a%2F', {}, 'ListObjectsV2', { Bucket: 'b', Prefix: 'a/' }],
    ['GET', '/b?acl', {}, 'GetBucketAcl', { Bucket: 'b' }],
    ['GET', '/b/folder/', {}, 'GetObject', { Bucket: 'b', Key: 'folder/' }],
    ['GET', '/b/k?uploadId=u', {}, 'ListParts', { UploadId: 'u' }],
    ['PUT', '/b/k', {}, 'PutObject', { Key: 'k' }],
    ['PUT', '/b/k', { 'x-amz-copy-source': 'a/k' }, 'CopyObject', { CopySource: 'a/k' }],
    ['PUT', '/b/k?partNumber=2&uploadId=u', {}, 'UploadPart', { PartNumber: 2 }],
    ['DELETE', '/b/k?uploadId=u', {}, 'AbortMultipartUpload', { UploadId: 'u' }],
    ['GET', '/b?inventory&id=i', {}, 'GetBucketInventoryConfiguration', { Id: 'i' }],
    ['GET', '/b?inventory', {}, 'ListBucketInventoryConfigurations', { Bucket: 'b' }],
    ['HEAD', '/b', {}, 'HeadBucket', { Bucket: 'b' }],
    [
      'GET',
      '/v20180820/configuration/publicAccessBlock',
      { 'x-amz-account-id': '111122223333' },
      'GetPublicAccessBlock',
      { AccountId: '111122223333' },
    ],
  ])('S3: %s %s %j is %s', async (method, url, headers, operation, input) => {
    const decoded = await wire.decode({ method, url, headers: { ...bucket, ...headers }, body: new Uint8Array() });
    expect(decoded).toMatchObject({ operation, input });
  });

  it('AppConfig and its data plane, which have the same signing name', async () => {
    const headers = { authorization: signedAs('appconfig') };
    const at = (url: string) => wire.decode({ method: 'GET', url, headers, body: new Uint8Array() });
    await expect(at('/applications')).resolves.toMatchObject({ service: 'appconfig', operation: 'ListApplications' });
    await expect(at('/configuration?configuration_token=t')).resolves.toMatchObject({
      service: 'appconfigdata',
      input: { ConfigurationToken: 't' },
    });
  });
});

describe('bodies', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let output: unknown = {};
  let received: { input: any; headers: WireRequest['headers'] } | undefined;
  beforeAll(async () => {
    server = await serve(Object.values(WIRE_SERVICES), ({ input }, { headers }) => {
      received = { input, headers };
      return output;
    });
  });
  afterAll(() => server.close());

  it('are decompressed for CloudWatch, whose client compresses many metrics', async () => {
    const MetricData = Array.from({ length: 500 }, (_, index) => ({ MetricName: `metric ${index}`, Value: index }));
    await server.client(WIRE_SERVICES.cloudwatch!).send(new PutMetricDataCommand({ Namespace: 'n', MetricData }));
    expect(received!.headers['content-encoding']).toBe('gzip');
    expect(received!.input.MetricData).toEqual(MetricData);
  });

  it('are kept compressed for S3', async () => {
    const headers = { authorization: signedAs('s3'), 'content-encoding': 'gzip' };
    const decoded = await wire.decode({ method: 'PUT', url: '/b/k', headers, body: gzipSync('x') });
    expect(decoded.input).toMatchObject({ ContentEncoding: 'gzip', Body: gzipSync('x') });
  });

  it.each(['eu-west-1', undefined] as const)('the location %s of a bucket is a root element', async (region) => {
    output = { LocationConstraint: region };
    const answer = await server.client(WIRE_SERVICES.s3!).send(new GetBucketLocationCommand({ Bucket: 'b' }));
    expect(answer.LocationConstraint).toBe(region);
  });
});
