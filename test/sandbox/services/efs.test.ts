import {
  CreateFileSystemCommand,
  DeleteFileSystemPolicyCommand,
  DescribeBackupPolicyCommand,
  DescribeFileSystemPolicyCommand,
  DescribeFileSystemsCommand,
  EFSClient,
  ListTagsForResourceCommand,
  PutBackupPolicyCommand,
  PutFileSystemPolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-efs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { efs } from '../../../sandbox/services/efs/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
let client: EFSClient;
let FileSystemId: string;
const minutesLater = (minutes: number) => sandbox.kernel.clock.advance(minutes * 60_000);

beforeEach(async () => {
  sandbox = await sandboxFor(efs);
  client = administratorClient(sandbox, EFSClient);
  const token = { CreationToken: 'files', Tags: [{ Key: 'Name', Value: 'files' }] };
  ({ FileSystemId = '' } = await client.send(new CreateFileSystemCommand(token)));
});
afterEach(() => sandbox.close());

const backups = async () => (await client.send(new DescribeBackupPolicyCommand({ FileSystemId }))).BackupPolicy?.Status;
const putBackups = (Status: 'ENABLED' | 'DISABLED') =>
  client.send(new PutBackupPolicyCommand({ FileSystemId, BackupPolicy: { Status } }));

it('a file system becomes available, and is created once for a token', async () => {
  const described = async () => (await client.send(new DescribeFileSystemsCommand({ FileSystemId }))).FileSystems;
  expect(await described()).toMatchObject([{ LifeCycleState: 'creating', Name: 'files', Encrypted: false }]);
  await expect(putBackups('ENABLED')).rejects.toMatchObject({ name: 'IncorrectFileSystemLifeCycleState' });
  await minutesLater(1);
  expect(await described()).toMatchObject([{ LifeCycleState: 'available' }]);
  const again = client.send(new CreateFileSystemCommand({ CreationToken: 'files' }));
  await expect(again).rejects.toMatchObject({ name: 'FileSystemAlreadyExists', FileSystemId });
});

it('backups are ENABLING before they are ENABLED', async () => {
  await minutesLater(1);
  expect(await backups()).toBe('DISABLED');
  expect((await putBackups('ENABLED')).BackupPolicy).toEqual({ Status: 'ENABLING' });
  expect(await backups()).toBe('ENABLING');
  await minutesLater(1);
  expect(await backups()).toBe('ENABLED');
  expect((await putBackups('ENABLED')).BackupPolicy).toEqual({ Status: 'ENABLED' });
});

it('a file system has a policy and tags, by id or ARN', async () => {
  await minutesLater(1);
  const get = () => client.send(new DescribeFileSystemPolicyCommand({ FileSystemId }));
  await expect(get()).rejects.toMatchObject({ name: 'PolicyNotFound' });
  await client.send(new PutFileSystemPolicyCommand({ FileSystemId, Policy: '{"Statement":[]}' }));
  expect(await get()).toMatchObject({ Policy: '{"Statement":[]}' });
  await client.send(new DeleteFileSystemPolicyCommand({ FileSystemId }));
  await expect(get()).rejects.toMatchObject({ name: 'PolicyNotFound' });
  await client.send(new TagResourceCommand({ ResourceId: FileSystemId, Tags: [{ Key: 'owner', Value: 'me' }] }));
  const ResourceId = `arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/${FileSystemId}`;
  expect((await client.send(new ListTagsForResourceCommand({ ResourceId }))).Tags).toHaveLength(2);
  const { Tags: first, NextToken } = await client.send(new ListTagsForResourceCommand({ ResourceId, MaxResults: 1 }));
  const { Tags: second } = await client.send(new ListTagsForResourceCommand({ ResourceId, NextToken }));
  expect([first, second]).toEqual([[expect.anything()], [expect.anything()]]);
});
