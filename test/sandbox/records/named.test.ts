/** Kinds whose operations name a record by different members. */
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { AwsError, defineService, type Service } from '../../../sandbox/kernel/kernel.ts';
import { recordComparison } from '../../../sandbox/records/comparison.ts';
import { recordOperations } from '../../../sandbox/records/operation.ts';
import { deletesPart, getsPart, putsPart } from '../../../sandbox/records/parts.ts';
import { type RecordKind, type RecordState, recordStateKey } from '../../../sandbox/records/record.ts';
import { anyValue } from '../../../sandbox/records/rules.ts';
import { changes, creates, deletes, gets } from '../../../sandbox/records/verbs.ts';
import { CLIENT_ACCOUNT, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

const invalid = (message: string) => new AwsError('Invalid', message);
const missing = (id: string) => new AwsError('Missing', `There is no ${id}`);

/** Created by Name, then named by SecretId, which is the name or the ARN. */
const SECRET: RecordKind<secretsmanager.DescribeSecretResponse> = {
  name: 'vaults',
  arn: 'arn:{partition}:secretsmanager:{region}:{account}:secret:{id}',
  id: 'Name',
  namedBy: 'either',
  missing,
  invalid,
  initially: ({ arn }) => ({ ARN: arn }),
};
const POLICY = { name: 'policy', missing };
const NAMED = { named: 'SecretId' } as const;

const vaults = defineService<typeof secretsmanager, RecordState>({
  ...recordStateKey('vaults', 'region', ['vaults']),
  ...recordComparison([SECRET]),
  sdk: secretsmanager,
  client: secretsmanager.SecretsManagerClient,
  prefix: 'secretsmanager',
  operations: recordOperations<typeof secretsmanager>('secretsmanager', {
    CreateSecret: creates(SECRET, { takes: { Description: anyValue } }),
    DescribeSecret: gets(SECRET, NAMED),
    UpdateSecret: changes(SECRET, { ...NAMED, takes: { Description: anyValue } }),
    DeleteSecret: deletes(SECRET, NAMED),
    PutResourcePolicy: putsPart(SECRET, POLICY, {
      ...NAMED,
      takes: { ResourcePolicy: anyValue },
      value: ({ ResourcePolicy }) => ResourcePolicy,
      shows: () => ({}),
    }),
    GetResourcePolicy: getsPart(SECRET, POLICY, {
      ...NAMED,
      shows: (policy) => ({ ResourcePolicy: policy as string }),
    }),
    DeleteResourcePolicy: deletesPart(SECRET, POLICY, { ...NAMED, shows: () => ({}) }),
  }),
});

/** Created by name, then named by the ARN alone, which it shows. */
const MACHINE: RecordKind<sfn.DescribeStateMachineOutput> = {
  name: 'machines',
  arn: 'arn:{partition}:states:{region}:{account}:stateMachine:{id}',
  id: 'stateMachineArn',
  namedBy: 'arn',
  missing,
  invalid,
  initially: ({ id }) => ({ name: id }),
};

const machines = defineService<typeof sfn, RecordState>({
  ...recordStateKey('machines', 'region', ['machines']),
  ...recordComparison([MACHINE]),
  sdk: sfn,
  client: sfn.SFNClient,
  prefix: 'states',
  operations: recordOperations<typeof sfn>('states', {
    CreateStateMachine: creates(MACHINE, { named: 'name', takes: { definition: anyValue } }),
    DescribeStateMachine: gets(MACHINE),
    UpdateStateMachine: changes(MACHINE, { takes: { definition: anyValue } }),
  }),
});

async function callsOn(service: Service) {
  const { kernel, close } = await sandboxFor(service);
  const call = (operation: string, input: object): Promise<any> =>
    kernel.call(kernel.administrator!(CLIENT_ACCOUNT), CLIENT_PLACE, service.name, operation, input);
  return { call, close };
}

it('a record that is created by Name is changed, shown and deleted by another member, by name and by ARN', async () => {
  const { call, close } = await callsOn(vaults);
  const { ARN } = await call('CreateSecret', { Name: 'shop', Description: 'a' });
  for (const SecretId of ['shop', ARN]) {
    await call('UpdateSecret', { SecretId, Description: SecretId });
    expect(await call('DescribeSecret', { SecretId })).toMatchObject({ Name: 'shop', ARN, Description: SecretId });
    await call('PutResourcePolicy', { SecretId, ResourcePolicy: '{}' });
    expect(await call('GetResourcePolicy', { SecretId })).toEqual({ ResourcePolicy: '{}' });
    await call('DeleteResourcePolicy', { SecretId });
  }
  await call('DeleteSecret', { SecretId: 'shop' });
  await expect(call('DescribeSecret', { SecretId: 'shop' })).rejects.toMatchObject({ message: 'There is no shop' });
  await close();
});

it('a record that is named by its ARN alone shows it', async () => {
  const { call, close } = await callsOn(machines);
  const stateMachineArn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:shop';
  expect(await call('CreateStateMachine', { name: 'shop', definition: 'a' })).toMatchObject({ stateMachineArn });
  await call('UpdateStateMachine', { stateMachineArn, definition: 'b' });
  expect(await call('DescribeStateMachine', { stateMachineArn })).toMatchObject({ name: 'shop', definition: 'b' });
  const other = stateMachineArn.replace('stateMachine', 'activity');
  await expect(call('DescribeStateMachine', { stateMachineArn: other })).rejects.toMatchObject({ code: 'Missing' });
  await close();
});
