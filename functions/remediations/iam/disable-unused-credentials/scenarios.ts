import { DeleteUserCommand, type IAMClient, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import {
  addOldKey,
  createKey,
  createPassword,
  newUser,
  tagUser,
  useKey,
  userResource,
  userResourceByName,
} from '../fixtures.ts';
import type { IamUser } from '../user.ts';
import disableUnusedCredentials from './index.ts';

type Credentials = {
  /** Ages in days. */
  readonly keys?: readonly { readonly createdDays: number; readonly usedDays?: number; readonly inactive?: true }[];
  readonly password?: { readonly createdDays: number };
  readonly path?: string;
};

const user =
  (
    { keys = [], password, path }: Credentials,
    resourceOf = userResource,
  ): Arrange<{ readonly iam: IAMClient }, IamUser> =>
  async ({ iam }, context) => {
    const owner = await newUser(iam, context, path);
    const { UserName } = owner;
    if (password) await createPassword(iam, context, password.createdDays, owner);
    for (const wanted of keys) {
      const key = await createKey(iam, context, wanted.createdDays, owner);
      if (wanted.usedDays !== undefined) await useKey(iam, context, wanted.usedDays, key);
      const { AccessKeyId } = key;
      if (wanted.inactive) await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }));
    }
    return resourceOf(context, owner);
  };

export default defineScenarios(disableUnusedCredentials, {
  faulty: user({ keys: [{ createdDays: 100 }] }),
  fault: addOldKey(100),
  tag: tagUser,
  scenarios: {
    'a key was never used': { expected: 'FIXED' },
    'a key was last used 50 days ago': {
      arrange: user({ keys: [{ createdDays: 300, usedDays: 50 }] }),
      expected: 'FIXED',
    },
    'one key is used, the other is not': {
      arrange: user({ keys: [{ createdDays: 300, usedDays: 2 }, { createdDays: 200 }] }),
      expected: 'FIXED',
    },
    'one of two unused keys is inactive already': {
      arrange: user({ keys: [{ createdDays: 300, inactive: true }, { createdDays: 200 }] }),
      expected: 'FIXED',
    },
    'the user has a path, a used password and an unused key': {
      arrange: user(
        { keys: [{ createdDays: 100 }], password: { createdDays: 10 }, path: '/division/team/' },
        userResourceByName,
      ),
      expected: 'FIXED',
    },
    'a key was not used for 90 days': { control: 'IAM.8', expected: 'FIXED' },
    'a password was never used': { arrange: user({ password: { createdDays: 50 } }), expected: 'REFUSED' },
    'neither password nor key was ever used': {
      arrange: user({ keys: [{ createdDays: 50 }], password: { createdDays: 50 } }),
      expected: 'REFUSED',
    },
    'neither password nor key was ever used, and policy deletes passwords': {
      arrange: user({ keys: [{ createdDays: 50 }], password: { createdDays: 50 } }),
      params: { deletePasswords: true },
      expected: 'FIXED',
      lasting: [
        { path: 'password', because: 'IAM deletes a password, and nobody can read it before: give the user a new one' },
        { path: 'accessKeys.*.active', because: 'the rollback is refused as a whole: activate the keys by hand' },
      ],
    },
    'policy allows 180 days': {
      arrange: user({ keys: [{ createdDays: 100 }] }),
      params: { maxUnusedDays: 180 },
      expected: 'COMPLIANT',
    },
    'a key was used yesterday': { arrange: user({ keys: [{ createdDays: 300, usedDays: 1 }] }), expected: 'COMPLIANT' },
    'key and password are new': {
      arrange: user({ keys: [{ createdDays: 3 }], password: { createdDays: 3 } }),
      expected: 'COMPLIANT',
    },
    'the unused key is inactive already': {
      arrange: user({ keys: [{ createdDays: 300, inactive: true }] }),
      expected: 'COMPLIANT',
    },
    'a key was not used for 60 days, and 90 are allowed': {
      control: 'IAM.8',
      arrange: user({ keys: [{ createdDays: 60 }] }),
      expected: 'COMPLIANT',
    },
    'the user is gone': {
      async arrange({ iam }, context) {
        const gone = await newUser(iam, context);
        await iam.send(new DeleteUserCommand({ UserName: gone.UserName }));
        return userResource(context, gone);
      },
      expected: 'COMPLIANT',
    },
  },
});
