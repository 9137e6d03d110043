import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  ListStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/deploy.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { cloudformation } from '../../../sandbox/services/cloudformation/index.ts';
import { s3 } from '../../../sandbox/services/s3/index.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const TOPIC = { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } } };
const HANDLE = { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } };

let sandbox: Sandbox;
let client: CloudFormationClient;

beforeEach(async () => {
  sandbox = await sandboxFor(cloudformation, s3, sns);
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
