import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  type DescribeStackResourcesCommandInput,
  DescribeStacksCommand,
  ListStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/deploy.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { cloudformation } from '../../../sandbox/services/cloudformation/index.ts';
import { s3 } from '../../../sandbox/services/s3/index.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const TOPIC = { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } } };
const HANDLE = { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } };

let sandbox: Sandbox;
let client: CloudFormationClient;

beforeEach(async () => {
  sandbox = await sandboxFor(cloudformation, s3, sns, sqs);
  client = administratorClient(sandbox, CloudFormationClient);
});
afterEach(() => sandbox.close());

const create = (StackName: string, Resources: object, more: object = {}) =>
  client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }), ...more }));
const describeStack = async (StackName: string) =>
  (await client.send(new DescribeStacksCommand({ StackName }))).Stacks![0]!;
const protect = (StackName: string, EnableTerminationProtection = true) =>
  client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection }));
const remove = (StackName: string) => client.send(new DeleteStackCommand({ StackName }));

describe('a stack', () => {
  it('is created with its resources and described by name and by id', async () => {
    const { StackId } = await create('web', TOPIC, { Tags: [{ Key: 'team', Value: 'shop' }] });
    const { Topics } = await administratorClient(sandbox, SNSClient).send(new ListTopicsCommand({}));
    expect(Topics).toHaveLength(1);
    const shown = { StackId, StackStatus: 'CREATE_COMPLETE', Tags: [{ Key: 'team', Value: 'shop' }] };
    expect(await describeStack('web')).toMatchObject({ ...shown, EnableTerminationProtection: false });
    expect(await describeStack(StackId!)).toMatchObject(shown);
    await expect(create('web', TOPIC)).rejects.toMatchObject({ name: 'AlreadyExistsException' });
  });

  it('cannot be deleted while it is protected', async () => {
    await create('web', TOPIC);
    await protect('web');
    expect(await describeStack('web')).toMatchObject({ EnableTerminationProtection: true });
    await expect(remove('web')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack [web] cannot be deleted while TerminationProtection is enabled',
    });
    await protect('web', false);
    await remove('web');
    const { Topics = [] } = await administratorClient(sandbox, SNSClient).send(new ListTopicsCommand({}));
    expect(Topics).toEqual([]);
  });

  it('is described by its id after its deletion, and not by its name', async () => {
    const { StackId } = await create('web', HANDLE);
    await remove('web');
    await remove('web');
    expect(await describeStack(StackId!)).toMatchObject({ StackStatus: 'DELETE_COMPLETE' });
    await expect(describeStack('web')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id web does not exist',
    });
    await expect(protect(StackId!)).rejects.toMatchObject({ name: 'ValidationError' });
    const { StackSummaries } = await client.send(new ListStacksCommand({ StackStatusFilter: ['CREATE_COMPLETE'] }));
    expect(StackSummaries).toEqual([]);
  });

  it('has the resources that a deployment of the sandbox made, and keeps its protection in the next one', async () => {
    const place = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };
    await deployTemplate(sandbox.kernel, place, 'suture', { Resources: TOPIC });
    await protect('suture');
    await deployTemplate(sandbox.kernel, place, 'suture', { Resources: { ...TOPIC, ...HANDLE } });
    expect(await describeStack('suture')).toMatchObject({ EnableTerminationProtection: true });
  });

  it('takes other tags, and no other update', async () => {
    await create('web', HANDLE);
    const Tags = [{ Key: 'team', Value: 'shop' }];
    const update = (input: object) => client.send(new UpdateStackCommand({ StackName: 'web', ...input }));
    await update({ UsePreviousTemplate: true, Tags });
    expect(await describeStack('web')).toMatchObject({ Tags });
    await expect(update({ UsePreviousTemplate: true, Tags })).rejects.toThrow('No updates are to be performed.');
    await expect(update({ TemplateBody: '{}' })).rejects.toThrow('TemplateBody');
  });
});

describe('a template in S3', () => {
  const HOST = 'https://templates.s3.eu-central-1.amazonaws.com';
  const put = (Key: string, Body: string) =>
    administratorClient(sandbox, S3Client).send(new PutObjectCommand({ Bucket: 'templates', Key, Body }));
  const createFrom = (TemplateURL: string | undefined, by = client) =>
    by.send(new CreateStackCommand({ StackName: 'web', TemplateURL }));
  beforeEach(async () => {
    const location = { LocationConstraint: 'eu-central-1' } as const;
    const bucket = new CreateBucketCommand({ Bucket: 'templates', CreateBucketConfiguration: location });
    await administratorClient(sandbox, S3Client).send(bucket);
    await put('a folder/stack.json', JSON.stringify({ Resources: HANDLE }));
  });

  it.each([
    `${HOST}/a%20folder/stack.json`,
    'https://templates.s3.amazonaws.com/a%20folder/stack.json',
    'https://s3.eu-central-1.amazonaws.com/templates/a%20folder/stack.json',
    'https://s3-eu-central-1.amazonaws.com/templates/a%20folder/stack.json',
    'https://s3.amazonaws.com/templates/a%20folder/stack.json',
  ])('is read from %s', async (url) => {
    await createFrom(url);
    expect(await describeStack('web')).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
  });

  it('may be larger than one in the request', async () => {
    const large = JSON.stringify({ Resources: HANDLE }).padEnd(51_201);
    await expect(create('web', HANDLE, { TemplateBody: large })).rejects.toThrow('less than or equal to 51200');
    await put('larger.json', JSON.stringify({ Resources: HANDLE }).padEnd(1_000_001));
    await expect(createFrom(`${HOST}/larger.json`)).rejects.toThrow('Template may not exceed 1000000 bytes in size.');
    await put('large.json', large);
    await createFrom(`${HOST}/large.json`);
  });

  it('has the version that the address names', async () => {
    const buckets = administratorClient(sandbox, S3Client);
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await buckets.send(new PutBucketVersioningCommand({ Bucket: 'templates', VersioningConfiguration }));
    const { VersionId } = await put('stack.json', JSON.stringify({ Resources: TOPIC }));
    await put('stack.json', JSON.stringify({ Resources: HANDLE }));
    await createFrom(`${HOST}/stack.json?versionId=${VersionId}`);
    const { Topics } = await administratorClient(sandbox, SNSClient).send(new ListTopicsCommand({}));
    expect(Topics).toHaveLength(1);
  });

  it.each([
    ['no such object', `${HOST}/other.json`, 'S3 error: The specified key does not exist.'],
    ['no such bucket', 'https://nowhere.s3.amazonaws.com/stack.json', 'S3 error: The specified bucket does not exist'],
    [
      'the endpoint of another Region',
      'https://templates.s3.eu-west-1.amazonaws.com/a%20folder/stack.json',
      'S3 error: The bucket you are attempting to access must be addressed using the specified endpoint.',
    ],
    [
      'an address of S3 itself',
      's3://templates/stack.json',
      'Domain name specified in templates is not a valid S3 domain',
    ],
    ['another host', 'https://example.com/stack.json', 'TemplateURL must be a supported URL.'],
    [
      'a website of S3',
      'https://templates.s3-website.eu-central-1.amazonaws.com/a',
      'TemplateURL must be a supported URL.',
    ],
    ['no encryption', 'http://templates.s3.amazonaws.com/stack.json', 'TemplateURL must be a supported URL.'],
    ['no file', HOST, 'TemplateURL must be a supported URL.'],
    ['a long address', `${HOST}/${'x'.repeat(1_024)}`, 'less than or equal to 1024'],
    ['nothing', undefined, 'Either Template URL or Template Body must be specified.'],
  ])('is refused with %s', async (_, url, message) => {
    await expect(createFrom(url)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(message),
    });
    expect((await client.send(new ListStacksCommand({}))).StackSummaries).toEqual([]);
  });

  it('is refused beside one in the request', async () => {
    await expect(create('web', HANDLE, { TemplateURL: `${HOST}/a%20folder/stack.json` })).rejects.toThrow(
      'exactly one',
    );
  });

  it('is read with the permissions of the caller', async () => {
    const stranger = new CloudFormationClient({ ...sandbox.administrator('999988887777'), region: 'eu-central-1' });
    await expect(createFrom(`${HOST}/a%20folder/stack.json`, stranger)).rejects.toThrow('S3 error: Access Denied');
  });
});

describe('a nested stack', () => {
  beforeEach(async () => {
    const buckets = administratorClient(sandbox, S3Client);
    const location = { LocationConstraint: 'eu-central-1' } as const;
    await buckets.send(new CreateBucketCommand({ Bucket: 'templates', CreateBucketConfiguration: location }));
    const Body = JSON.stringify({ Resources: HANDLE });
    await buckets.send(new PutObjectCommand({ Bucket: 'templates', Key: 'nested.json', Body }));
    const TemplateURL = 'https://templates.s3.eu-central-1.amazonaws.com/nested.json';
    await create('root', { Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } } });
  });
  const nested = async () => {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
    return Stacks.find(({ ParentId }) => ParentId !== undefined)!;
  };

  it('names its parent and its root, and has the protection of the root', async () => {
    const { StackId } = await describeStack('root');
    expect(await nested()).toMatchObject({ ParentId: StackId, RootId: StackId, EnableTerminationProtection: false });
    await expect(protect((await nested()).StackName!)).rejects.toMatchObject({ name: 'ValidationError' });
    await protect('root');
    expect(await nested()).toMatchObject({ EnableTerminationProtection: true });
    await expect(remove((await nested()).StackName!)).rejects.toThrow('TerminationProtection is enabled');
  });

  it('is deleted with its root', async () => {
    await remove('root');
    expect((await client.send(new DescribeStacksCommand({}))).Stacks).toEqual([]);
  });
});

describe('the resources of a stack', () => {
  const resources = async (input: DescribeStackResourcesCommandInput) =>
    (await client.send(new DescribeStackResourcesCommand(input))).StackResources!;
  const ARN = 'arn:aws:sns:eu-central-1:111122223333:alarms';
  const refusal = (message: string) => ({ name: 'ValidationError', message });

  it('are those of the stack that has a physical id', async () => {
    const { StackId } = await create('web', { ...TOPIC, ...HANDLE });
    await create('other', { Other: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'other' } } });
    const [topic, handle, ...more] = await resources({ PhysicalResourceId: ARN });
    expect(topic).toMatchObject({ StackId, StackName: 'web', LogicalResourceId: 'Topic', PhysicalResourceId: ARN });
    expect(topic).toMatchObject({ ResourceType: 'AWS::SNS::Topic', ResourceStatus: 'CREATE_COMPLETE' });
    expect(handle).toMatchObject({ LogicalResourceId: 'Handle' });
    expect(more).toEqual([]);
    await expect(resources({ PhysicalResourceId: 'alarms' })).rejects.toMatchObject(
      refusal('Stack for alarms does not exist'),
    );
  });

  it("have AWS's URL as the physical id of a queue", async () => {
    await create('web', { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders' } } });
    const PhysicalResourceId = 'https://sqs.eu-central-1.amazonaws.com/111122223333/orders';
    expect(await resources({ PhysicalResourceId })).toMatchObject([{ LogicalResourceId: 'Queue', PhysicalResourceId }]);
  });

  it('are found by stack and logical id, also of a deleted stack by its id', async () => {
    const { StackId } = await create('web', TOPIC);
    expect(await resources({ StackName: StackId!, LogicalResourceId: 'Topic' })).toHaveLength(1);
    await expect(resources({ StackName: 'web', LogicalResourceId: 'Other' })).rejects.toMatchObject(
      refusal('Resource Other does not exist for stack web'),
    );
    await remove('web');
    expect(await resources({ StackName: StackId! })).toMatchObject([{ ResourceStatus: 'DELETE_COMPLETE' }]);
    await expect(resources({ PhysicalResourceId: ARN })).rejects.toMatchObject(
      refusal(`Stack for ${ARN} does not exist`),
    );
  });

  it('need one of both names', async () => {
    const message = 'Either StackName or PhysicalResourceId must be specified';
    await expect(resources({})).rejects.toMatchObject(refusal(message));
    await expect(resources({ StackName: 'web', PhysicalResourceId: ARN })).rejects.toMatchObject(refusal(message));
  });
});
