/** Access keys of users. */
import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { page } from './input.ts';
import { needOn, onUser } from './needs.ts';
import { type AccessKeyRecord, type IamAt, type IamState, noSuchEntity } from './state.ts';
import { userIn } from './users.ts';

const keysPerUser = 2;

function keyIn(input: { AccessKeyId?: string | undefined; UserName?: string | undefined }, at: IamAt): AccessKeyRecord {
  const key = at.state.accessKeys.get(input.AccessKeyId ?? '');
  if (!key || key.user !== userIn(input, at).name) {
    throw noSuchEntity(`The Access Key with id ${input.AccessKeyId}`);
  }
  return key;
}

const status = (key: AccessKeyRecord): sdk.StatusType => (key.active ? 'Active' : 'Inactive');

export const accessKeyOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateAccessKey: {
    needs: onUser('CreateAccessKey'),
    run(input, at) {
      const user = userIn(input, at);
      const present = [...at.state.accessKeys.values()].filter((key) => key.user === user.name);
      if (present.length >= keysPerUser) {
        throw new AwsError('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${keysPerUser}`, 409);
      }
      const key: AccessKeyRecord = {
        id: at.kernel.id('AKIA', 16).toUpperCase(),
        user: user.name,
        secret: at.kernel.id('', 40),
        createdAt: new Date(at.kernel.clock.now()),
        active: true,
      };
      at.state.accessKeys.set(key.id, key);
      const shown = { UserName: user.name, AccessKeyId: key.id, Status: status(key), CreateDate: key.createdAt };
      return { AccessKey: { ...shown, SecretAccessKey: key.secret } };
    },
  },
  ListAccessKeys: {
    needs: onUser('ListAccessKeys'),
    run(input, at) {
      const user = userIn(input, at);
      const keys = [...at.state.accessKeys.values()].filter((key) => key.user === user.name);
      const { items, ...rest } = page(keys, input);
      const shown = items.map((key) => ({
        UserName: user.name,
        AccessKeyId: key.id,
        Status: status(key),
        CreateDate: key.createdAt,
      }));
      return { AccessKeyMetadata: shown, ...rest };
    },
  },
  UpdateAccessKey: {
    needs: onUser('UpdateAccessKey'),
    run(input, at) {
      const key = keyIn(input, at);
      if (input.Status !== 'Active' && input.Status !== 'Inactive') {
        throw new AwsError('ValidationError', `Status must be Active or Inactive, not ${input.Status}`);
      }
      key.active = input.Status === 'Active';
      return {};
    },
  },
  DeleteAccessKey: {
    needs: onUser('DeleteAccessKey'),
    run(input, at) {
      at.state.accessKeys.delete(keyIn(input, at).id);
      return {};
    },
  },
  GetAccessKeyLastUsed: {
    needs(input, at) {
      const name = at.state.accessKeys.get(input.AccessKeyId ?? '')?.user;
      return needOn(at, 'GetAccessKeyLastUsed', 'user', name, at.state.users.get(name ?? ''));
    },
    run(input, at) {
      const key = at.state.accessKeys.get(input.AccessKeyId ?? '');
      if (!key) throw new AwsError('AccessDenied', 'You do not have permission to view this access key.', 403);
      return {
        UserName: key.user,
        AccessKeyLastUsed: {
          LastUsedDate: key.lastUsed?.date,
          ServiceName: key.lastUsed?.service ?? 'N/A',
          Region: key.lastUsed?.region ?? 'N/A',
        },
      };
    },
  },
};
