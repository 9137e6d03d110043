/** Calls that IAM authorizes on a further resource, with operations of RDS that IAM's data has. */
import * as sdk from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actionDetails } from '../../../sandbox/authorization/actions.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { defineService } from '../../../sandbox/kernel/kernel.ts';
import { recordComparison } from '../../../sandbox/records/comparison.ts';
import { type RecordOperation, recordNeed, recordOperations } from '../../../sandbox/records/operation.ts';
import { type RecordAt, type RecordKind, type RecordState, recordStateKey } from '../../../sandbox/records/record.ts';
import { anyValue, notKept } from '../../../sandbox/records/rules.ts';
import { changes, creates } from '../../../sandbox/records/verbs.ts';
import { rdsError } from '../../../sandbox/services/rds/errors.ts';
import { iamFaults } from '../support/iam-faults.ts';
import { CLIENT_ACCOUNT, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

/** Its requests have no member with the tenant's resource id, so the ARN has the name here. */
const TENANT: RecordKind<sdk.TenantDatabase> = {
  name: 'tenants',
  arn: 'arn:{partition}:rds:{region}:{account}:tenant-database:{id}',
  id: 'TenantDBName',
  missing: (id) => rdsError('TenantDatabaseNotFoundFault', `There is no ${id}`),
  invalid: (message) => rdsError('InvalidDBInstanceStateFault', message),
  initially: () => ({}),
};
const DB = 'arn:{partition}:rds:{region}:{account}:db:{DBInstanceIdentifier}';

const tenants = defineService<typeof sdk, RecordState>({
  ...recordStateKey('tenants', 'region', ['tenants']),
  ...recordComparison([TENANT]),
  sdk,
  client: sdk.RDSClient,
  prefix: 'rds',
  operations: recordOperations<typeof sdk>('rds', {
    CreateTenantDatabase: creates(TENANT, {
      takes: { DBInstanceIdentifier: anyValue, MasterUsername: anyValue },
      beside: [DB],
      under: 'TenantDatabase',
    }),
    ModifyTenantDatabase: changes(TENANT, {
      takes: {
        DBInstanceIdentifier: notKept(anyValue),
        NewTenantDBName: anyValue,
        MasterUserSecretKmsKeyId: notKept(anyValue),
      },
      beside: [
        DB,
        {
          action: 'kms:DescribeKey',
          arn: 'arn:{partition}:kms:{region}:{account}:key/{MasterUserSecretKmsKeyId}',
          with: 'MasterUserSecretKmsKeyId',
          context: { 'kms:ViaService': 'rds.eu-central-1.amazonaws.com' },
        },
      ],
      under: 'TenantDatabase',
    }),
  }),
});

const operation = tenants.operations.ModifyTenantDatabase as unknown as RecordOperation<object, unknown>;

it("a change with a further resource needs IAM's permissions, and lacks one without `beside`", async () => {
  const details = await actionDetails('rds:ModifyTenantDatabase');
  expect(iamFaults(details, operation.arns)).toEqual([]);
  expect(iamFaults(details, [TENANT.arn])).toEqual([
    expect.stringContaining(
      'IAM requires a db, arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}: `beside`',
    ),
  ]);
  expect(operation.besideActions).toEqual([
    { action: 'kms:DescribeKey', arn: expect.stringContaining(':key/{MasterUserSecretKmsKeyId}') },
  ]);
});

it('a missing record whose ARN has more than its id is reported as missing to a caller without permission, too', () => {
  const kind = { ...TENANT, arn: 'arn:{partition}:rds:{region}:{account}:tenant:{Name}:{id}' };
  const at = { ...CLIENT_PLACE, state: { kinds: { tenants: new Map() }, settings: {} } } as unknown as RecordAt;
  expect(() => recordNeed(kind, 'shop', at)).toThrow('There is no shop');
  expect(recordNeed(kind, '*', at).resource).toBe('arn:aws:rds:eu-central-1:111122223333:tenant:*:*');
  const created = { fields: { Name: 'new' }, tags: {} };
  expect(recordNeed(kind, 'shop', at, {}, created).resource).toMatch(/:tenant:new:shop$/);
  expect(recordNeed(TENANT, 'shop', at).resource).toMatch(/:tenant-database:shop$/);
});

describe('a caller', () => {
  const OWN = 'arn:aws:rds:eu-central-1:111122223333';
  const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd';
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await sandboxFor(tenants);
    await asAdministrator('iam', 'CreateUser', { UserName: 'dba' });
    await asAdministrator('tenants', 'CreateTenantDatabase', { TenantDBName: 'shop', DBInstanceIdentifier: 'main' });
  });
  afterEach(() => sandbox.close());

  const asAdministrator = (service: string, name: string, input: object) =>
    sandbox.kernel.call(sandbox.kernel.administrator!(CLIENT_ACCOUNT), CLIENT_PLACE, service, name, input);

  async function modify(allowed: Readonly<Record<string, readonly string[]>>, input: object = {}) {
    const Statement = Object.entries(allowed).map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource }));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await asAdministrator('iam', 'PutUserPolicy', { UserName: 'dba', PolicyName: 'own', PolicyDocument });
    const { User } = (await asAdministrator('iam', 'GetUser', { UserName: 'dba' })) as any;
    const caller = { kind: 'user', arn: User.Arn, account: CLIENT_ACCOUNT, user: 'dba', userId: User.UserId } as const;
    const request = { TenantDBName: 'shop', DBInstanceIdentifier: 'main', NewTenantDBName: 'store', ...input };
    return sandbox.kernel.call(caller, CLIENT_PLACE, 'tenants', 'ModifyTenantDatabase', request);
  }
  const denied = (on: string) => ({ message: expect.stringContaining(`on resource: ${on}`) });

  it('needs the permission on each of the resources', async () => {
    const [tenant, db] = [`${OWN}:tenant-database:shop`, `${OWN}:db:main`];
    await expect(modify({ 'rds:ModifyTenantDatabase': [tenant] })).rejects.toMatchObject(denied(db));
    await expect(modify({ 'rds:ModifyTenantDatabase': [db] })).rejects.toMatchObject(denied(tenant));
    expect(await modify({ 'rds:ModifyTenantDatabase': [tenant, db] })).toMatchObject({
      TenantDatabase: { NewTenantDBName: 'store' },
    });
  });

  it('needs an action of another service if the request has its member, as an id or as an ARN', async () => {
    const own = { 'rds:ModifyTenantDatabase': ['*'] };
    for (const MasterUserSecretKmsKeyId of ['1234abcd', KEY]) {
      await expect(modify(own, { MasterUserSecretKmsKeyId })).rejects.toMatchObject(denied(KEY));
      await expect(modify({ ...own, 'kms:DescribeKey': [KEY] }, { MasterUserSecretKmsKeyId })).resolves.toBeDefined();
    }
  });
});
