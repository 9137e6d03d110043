import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { iamNeeds, needsOnUser } from './needs.ts';
import { iamPage } from './requests.ts';
import { type AccessKeyRecord, type IamAt, type IamState, noSuchEntity } from './state.ts';
import { existingUserIn } from './users.ts';

const MAX_KEYS_PER_USER = 2;

function existingAccessKey(
  input: { AccessKeyId?: string | undefined; UserName?: string | undefined },
  at: IamAt,
): AccessKeyRecord {
  const key = at.state.accessKeys.get(input.AccessKeyId ?? '');
  if (!key || key.user !== existingUserIn(input, at).name)
    throw noSuchEntity(`The Access Key with id ${input.AccessKeyId}`);
  return key;
}

const accessKeyStatus = (key: AccessKeyRecord): sdk.StatusType => (key.active ? 'Active' : 'Inactive');

export const accessKeyOperations: ServiceOperations<typeof sdk, IamState> = {
  CreateAccessKey: {
    needs: needsOnUser('CreateAccessKey'),
    run(input, at) {
      const user = existingUserIn(input, at);
      const present = [...at.state.accessKeys.values()].filter((key) => key.user === user.name);
      if (present.length >= MAX_KEYS_PER_USER)
        throw new AwsError('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${MAX_KEYS_PER_USER}`, 409);
      const key: AccessKeyRecord = {
        id: at.kernel.id('AKIA', 16).toUpperCase(),
        user: user.name,
        secret: at.kernel.id('', 40),
        createdAt: new Date(at.kernel.clock.now()),
        active: true,
      };
      at.state.accessKeys.set(key.id, key);
      const metadata = {
        UserName: user.name,
        AccessKeyId: key.id,
        Status: accessKeyStatus(key),
        CreateDate: key.createdAt,
      };
      return { AccessKey: { ...metadata, SecretAccessKey: key.secret } };
    },
  },
  ListAccessKeys: {
    needs: needsOnUser('ListAccessKeys'),
    run(input, at) {
      const user = existingUserIn(input, at);
      const keys = [...at.state.accessKeys.values()].filter((key) => key.user === user.name);
      const { items, ...rest } = iamPage(keys, input);
      const metadata = items.map((key) => ({
        UserName: user.name,
        AccessKeyId: key.id,
        Status: accessKeyStatus(key),
        CreateDate: key.createdAt,
      }));
      return { AccessKeyMetadata: metadata, ...rest };
    },
  },
  UpdateAccessKey: {
    needs: needsOnUser('UpdateAccessKey'),
    run(input, at) {
      const key = existingAccessKey(input, at);
      if (input.Status !== 'Active' && input.Status !== 'Inactive')
        throw new AwsError('ValidationError', `Status must be Active or Inactive, not ${input.Status}`);
      key.active = input.Status === 'Active';
      return {};
    },
  },
  DeleteAccessKey: {
    needs: needsOnUser('DeleteAccessKey'),
    run(input, at) {
      at.state.accessKeys.delete(existingAccessKey(input, at).id);
      return {};
    },
  },
  GetAccessKeyLastUsed: {
    needs(input, at) {
      const name = at.state.accessKeys.get(input.AccessKeyId ?? '')?.user;
      return iamNeeds(at, 'GetAccessKeyLastUsed', 'user', name, at.state.users.get(name ?? ''));
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
