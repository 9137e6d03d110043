import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseIamPolicy } from '../../../sandbox/authorization/policy.ts';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { eventbridge } from '../../../sandbox/services/eventbridge/index.ts';
import { EVENTBRIDGE } from '../../../sandbox/services/eventbridge/state.ts';
import { secretsmanager } from '../../../sandbox/services/secretsmanager/index.ts';
import { administratorClient, CLIENT_ACCOUNT, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
let client: SecretsManagerClient;
beforeEach(async () => {
  sandbox = await sandboxFor(secretsmanager, eventbridge);
  client = administratorClient(sandbox, SecretsManagerClient);
  return () => sandbox.close();
});

const DAY_MS = 86_400_000;
const create = (Name = 'suture/slack', SecretString: string | undefined = 'one') =>
  client.send(new CreateSecretCommand({ Name, SecretString, Description: 'token' }));
const value = async (SecretId = 'suture/slack', more: object = {}) =>
  (await client.send(new GetSecretValueCommand({ SecretId, ...more }))).SecretString;

describe('a secret', () => {
  it('is found by its name, its ARN, and its ARN without the last characters', async () => {
    const { ARN } = await create();
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-central-1:111122223333:secret:suture\/slack-\w{6}$/);
    for (const id of ['suture/slack', ARN!, ARN!.slice(0, -7)]) expect(await value(id)).toBe('one');
    await expect(value('other')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(create()).rejects.toMatchObject({ name: 'ResourceExistsException' });
    await expect(create('no spaces')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('has a current and a previous version', async () => {
    const { VersionId: first } = await create();
    const put = await client.send(new PutSecretValueCommand({ SecretId: 'suture/slack', SecretString: 'two' }));
    expect(await value()).toBe('two');
    expect(await value(undefined, { VersionStage: 'AWSPREVIOUS' })).toBe('one');
    expect(await value(undefined, { VersionId: first })).toBe('one');
    const repeated = { SecretId: 'suture/slack', ClientRequestToken: put.VersionId! };
    await client.send(new PutSecretValueCommand({ ...repeated, SecretString: 'two' }));
    await expect(client.send(new PutSecretValueCommand({ ...repeated, SecretString: 'other' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await client.send(new UpdateSecretCommand({ SecretId: 'suture/slack', SecretString: 'three', Description: 'new' }));
    expect(await value()).toBe('three');
    await expect(value(undefined, { VersionId: first })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'suture/slack' }));
    expect(described.Description).toBe('new');
    expect(Object.values(described.VersionIdsToStages!)).toEqual([['AWSPREVIOUS'], ['AWSCURRENT']]);
    expect(JSON.stringify(described)).not.toContain('three');
  });

  it('without a value has no current version', async () => {
    await client.send(new CreateSecretCommand({ Name: 'empty' }));
    await expect(value('empty')).rejects.toThrow(/staging label: AWSCURRENT/);
  });

  it('can be restored until its recovery window ends, and keeps its name until then', async () => {
    await create();
    await client.send(new DeleteSecretCommand({ SecretId: 'suture/slack', RecoveryWindowInDays: 7 }));
    await expect(value()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(create()).rejects.toThrow(/already scheduled for deletion/);
    expect((await client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    await client.send(new RestoreSecretCommand({ SecretId: 'suture/slack' }));
    expect(await value()).toBe('one');
    await client.send(new DeleteSecretCommand({ SecretId: 'suture/slack', RecoveryWindowInDays: 7 }));
    await sandbox.kernel.clock.advance(7 * DAY_MS);
    // Credentials have expired meanwhile.
    client = administratorClient(sandbox, SecretsManagerClient);
    await expect(value()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const days = (RecoveryWindowInDays: number, more = {}) =>
      client.send(new DeleteSecretCommand({ SecretId: 'x', RecoveryWindowInDays, ...more }));
    await expect(days(6)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(days(7, { ForceDeleteWithoutRecovery: true })).rejects.toThrow(/in conjunction/);
    await create();
    await client.send(new DeleteSecretCommand({ SecretId: 'suture/slack', ForceDeleteWithoutRecovery: true }));
    await create();
  });

  it('has tags, and a resource policy that is evaluated', async () => {
    const { ARN } = await create();
    await client.send(
      new TagResourceCommand({
        SecretId: ARN,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await client.send(new UntagResourceCommand({ SecretId: ARN, TagKeys: ['a'] }));
    expect((await client.send(new ListSecretsCommand({}))).SecretList![0]!.Tags).toEqual([{ Key: 'b', Value: '2' }]);
    const statement = { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' };
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await client.send(new PutResourcePolicyCommand({ SecretId: ARN, ResourcePolicy }));
    const found = await client.send(new GetResourcePolicyCommand({ SecretId: ARN }));
    expect(JSON.parse(found.ResourcePolicy!)).toEqual(JSON.parse(ResourcePolicy));
    await expect(value()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it.each([
    ['another name', 'secret:other-*', {}, false],
    ['its name', 'secret:suture/slack-*', {}, true],
    [
      'an earlier version',
      'secret:suture/*',
      { StringEquals: { 'secretsmanager:VersionStage': 'AWSPREVIOUS' } },
      false,
    ],
    ['the current version', 'secret:suture/*', { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } }, true],
    ['its tag', '*', { StringEquals: { 'secretsmanager:ResourceTag/team': 'a' } }, true],
    ['another tag', '*', { StringEquals: { 'aws:ResourceTag/team': 'b' } }, false],
  ])('under a policy that allows %s (%s %j), is readable: %s', async (_, resource, Condition, isAllowed) => {
    const { ARN } = await create();
    await client.send(new TagResourceCommand({ SecretId: ARN, Tags: [{ Key: 'team', Value: 'a' }] }));
    const Resource = resource === '*' ? '*' : `arn:aws:secretsmanager:eu-central-1:111122223333:${resource}`;
    const session = policyText({ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource, Condition });
    const reader = new SecretsManagerClient(sandbox.clientSettings(sessionWith(session)));
    const read = reader.send(new GetSecretValueCommand({ SecretId: 'suture/slack' }));
    if (isAllowed) expect((await read).SecretString).toBe('one');
    else await expect(read).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

const policyText = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });

/** Returns a session of the account's administrator with a session policy. */
function sessionWith(policy: string) {
  const administrator = sandbox.kernel.administrator!(CLIENT_ACCOUNT);
  if (administrator.kind !== 'session') throw new Error('an administrator is a session');
  return { ...administrator, sessionPolicy: parseIamPolicy(policy, 'identity', 'MalformedPolicyDocument') };
}

const connection = (reference: string, Description = 'first') => ({
  Resources: {
    Connection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        Name: 'slack',
        Description,
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'Authorization', ApiKeyValue: `Bearer ${reference}` } },
      },
    },
  },
});

describe('a dynamic reference', () => {
  const deploy = (reference: string, description?: string) =>
    deployTemplate(sandbox.kernel, CLIENT_PLACE, 'messages', connection(reference, description));
  const keyOf = () => {
    const { authorization } = sandbox.kernel.state(EVENTBRIDGE, CLIENT_PLACE).connections.get('slack')!;
    return authorization.type === 'API_KEY' ? authorization.ApiKeyValue : undefined;
  };

  it('is the value in the resource, and a reference in the stack', async () => {
    const { ARN } = await create('suture/slack', JSON.stringify({ token: 'xoxb-1' }));
    const stack = await deploy('{{resolve:secretsmanager:suture/slack:SecretString:token}}');
    expect(keyOf()).toBe('Bearer xoxb-1');
    expect(JSON.stringify([...stack.resources])).not.toContain('xoxb');
    await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: JSON.stringify({ token: 'xoxb-2' }) }));
    await deploy('{{resolve:secretsmanager:suture/slack:SecretString:token}}');
    expect(keyOf(), 'CloudFormation does not notice a new value').toBe('Bearer xoxb-1');
    await deploy(`{{resolve:secretsmanager:${ARN}:SecretString:token:AWSCURRENT}}`);
    expect(keyOf()).toBe('Bearer xoxb-2');
  });

  it.each([
    ['{{resolve:secretsmanager:none}}', /can't find the specified secret/],
    ['{{resolve:secretsmanager:suture/slack:SecretString:token}}', /Could not parse SecretString JSON/],
    ['{{resolve:secretsmanager:suture/json:SecretString:other}}', /Could not find a value associated with JSONKey/],
    ['{{resolve:secretsmanager:suture/slack:SecretBinary}}', /Incorrect format/],
    ['{{resolve:secretsmanager:suture/slack', /Incorrect format/],
  ])('%s fails the stack', async (reference, message) => {
    await create();
    await create('suture/json', '{"token":"x"}');
    await expect(deploy(reference)).rejects.toThrow(message);
  });
});

it('a connection keeps its credentials in a secret of its own, which only EventBridge changes', async () => {
  await create('suture/slack', 'xoxb-1');
  await deployTemplate(sandbox.kernel, CLIENT_PLACE, 'messages', connection('{{resolve:secretsmanager:suture/slack}}'));
  const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
  const own = SecretList.find(({ OwningService }) => OwningService === 'events')!;
  expect(own.Name).toMatch(/^events!connection\/slack\/[\da-f-]{36}$/);
  expect(await value(own.Name)).toContain('xoxb-1');
  await expect(client.send(new PutSecretValueCommand({ SecretId: own.Name, SecretString: 'x' }))).rejects.toThrow(
    /the service events manages it/,
  );
  await deployTemplate(sandbox.kernel, CLIENT_PLACE, 'messages', {
    Resources: { Mine: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'mine', SecretString: 's' } } },
  });
  const left = await client.send(new ListSecretsCommand({}));
  expect(left.SecretList!.map(({ Name }) => Name)).toEqual(['suture/slack', 'mine']);
  await expect(
    deployTemplate(sandbox.kernel, CLIENT_PLACE, 'generated', {
      Resources: { Made: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } } },
    }),
  ).rejects.toThrow(/GenerateSecretString of Made/);
});

it('members that are not modelled are refused by name', async () => {
  const { kernel } = sandbox;
  const call = kernel.call(
    kernel.administrator!(CLIENT_ACCOUNT),
    CLIENT_PLACE,
    'secretsmanager',
    'BatchGetSecretValue',
    {},
  );
  await expect(call).rejects.toMatchObject({
    code: 'NotModelled',
    message: expect.stringContaining('sandbox/services/secretsmanager'),
  });
});
