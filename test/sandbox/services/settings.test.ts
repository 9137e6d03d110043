import {
  AccessAnalyzerClient,
  CreateAnalyzerCommand,
  DeleteAnalyzerCommand,
  GetAnalyzerCommand,
  ListAnalyzersCommand,
} from '@aws-sdk/client-accessanalyzer';
import {
  CreateDocumentCommand,
  DeleteDocumentCommand,
  DescribeDocumentCommand,
  DescribeDocumentPermissionCommand,
  GetServiceSettingCommand,
  ListDocumentsCommand,
  ModifyDocumentPermissionCommand,
  ResetServiceSettingCommand,
  SSMClient,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { accessAnalyzer } from '../../../sandbox/services/accessanalyzer/index.ts';
import { ssm } from '../../../sandbox/services/ssm/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await sandboxFor(ssm, accessAnalyzer);
});
afterEach(() => sandbox.close());

describe('Access Analyzer', () => {
  const client = () => administratorClient(sandbox, AccessAnalyzerClient);
  const create = (analyzerName: string, type: 'ACCOUNT' | 'ORGANIZATION' = 'ACCOUNT') =>
    client().send(new CreateAnalyzerCommand({ analyzerName, type, tags: { owner: 'me' } }));
  const names = async () => (await client().send(new ListAnalyzersCommand({}))).analyzers!.map(({ name }) => name);

  it('has one analyzer of a type', async () => {
    expect(await names()).toEqual([]);
    const { arn } = await create('one');
    expect(arn).toBe('arn:aws:access-analyzer:eu-central-1:111122223333:analyzer/one');
    await expect(create('two')).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
    const { analyzer } = await client().send(new GetAnalyzerCommand({ analyzerName: 'one' }));
    expect(analyzer).toMatchObject({ name: 'one', type: 'ACCOUNT', status: 'ACTIVE', tags: { owner: 'me' } });
    await client().send(new DeleteAnalyzerCommand({ analyzerName: 'one' }));
    await expect(client().send(new GetAnalyzerCommand({ analyzerName: 'one' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('has none of an organization in a member account', async () => {
    await expect(create('one', 'ORGANIZATION')).rejects.toMatchObject({ name: 'NotModelled' });
  });
});

describe('a Systems Manager document', () => {
  const client = () => administratorClient(sandbox, SSMClient);
  const Name = 'restart';
  const permission = { Name, PermissionType: 'Share' } as const;
  const share = (change: { AccountIdsToAdd?: string[]; AccountIdsToRemove?: string[] }) =>
    client().send(new ModifyDocumentPermissionCommand({ ...permission, ...change }));
  const sharedWith = async () => (await client().send(new DescribeDocumentPermissionCommand(permission))).AccountIds;
  const set = (SettingId: string, SettingValue: string) =>
    client().send(new UpdateServiceSettingCommand({ SettingId, SettingValue }));
  const setting = async (SettingId: string) =>
    (await client().send(new GetServiceSettingCommand({ SettingId }))).ServiceSetting;
  beforeEach(() => client().send(new CreateDocumentCommand({ Name, Content: '{"schemaVersion":"2.2"}' })));

  it('is private until somebody shares it, and cannot be deleted while it is shared', async () => {
    expect(await sharedWith()).toEqual([]);
    await share({ AccountIdsToAdd: ['All', '444455556666'] });
    expect(await sharedWith()).toEqual(['all', '444455556666']);
    const own = { Filters: [{ Key: 'Owner', Values: ['Self'] }] };
    const { DocumentIdentifiers } = await client().send(new ListDocumentsCommand(own));
    expect(DocumentIdentifiers).toMatchObject([{ Name, Owner: '111122223333' }]);
    await expect(client().send(new DeleteDocumentCommand({ Name }))).rejects.toMatchObject({
      name: 'InvalidDocumentOperation',
    });
    await share({ AccountIdsToRemove: ['All', '444455556666'] });
    await client().send(new DeleteDocumentCommand({ Name }));
    await expect(client().send(new DescribeDocumentCommand({ Name }))).rejects.toMatchObject({
      name: 'InvalidDocument',
    });
  });

  it('does not become public if the account blocks that', async () => {
    const SettingId = '/ssm/documents/console/public-sharing-permission';
    expect(await setting(SettingId)).toMatchObject({ SettingId, SettingValue: 'Enable', Status: 'Default' });
    const arn = `arn:aws:ssm:eu-central-1:111122223333:servicesetting${SettingId}`;
    await set(arn, 'Disable');
    expect(await setting(SettingId)).toMatchObject({ ARN: arn, SettingValue: 'Disable', Status: 'Customized' });
    await expect(share({ AccountIdsToAdd: ['all'] })).rejects.toMatchObject({ name: 'NotModelled' });
    await share({ AccountIdsToAdd: ['444455556666'] });
    const { ServiceSetting } = await client().send(new ResetServiceSettingCommand({ SettingId }));
    expect(ServiceSetting).toMatchObject({ SettingValue: 'Enable', Status: 'Default' });
    await share({ AccountIdsToAdd: ['all'] });
  });

  it('has the setting for logs of automations, and refuses an unknown one', async () => {
    const SettingId = '/ssm/automation/customer-script-log-destination';
    await set(SettingId, 'CloudWatch');
    expect(await setting(SettingId)).toMatchObject({ SettingValue: 'CloudWatch' });
    await expect(setting('/ssm/nothing')).rejects.toMatchObject({ name: 'ServiceSettingNotFound' });
  });
});
