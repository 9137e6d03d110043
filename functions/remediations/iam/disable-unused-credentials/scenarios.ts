import { DeleteUserCommand, type IAMClient, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { keyMade, keyUsed, newUser, passwordMade, userResource, userResourceByName } from '../fixtures.ts';
import disableUnusedCredentials from './index.ts';

type Credentials = {
  /** Days ago, of each key. */
  readonly keys?: readonly { readonly made: number; readonly used?: number; readonly inactive?: true }[];
  readonly password?: { readonly made: number };
  readonly path?: string;
};

const user =
  ({ keys = [], password, path }: Credentials, named = userResource): Arrange<{ readonly iam: IAMClient }, unknown> =>
  async ({ iam }, where) => {
    const made = await newUser(iam, where, path);
    const { UserName } = made;
    if (password) await passwordMade(iam, where, password.made, made);
    for (const wanted of keys) {
      const key = await keyMade(iam, where, wanted.made, made);
      if (wanted.used !== undefined) await keyUsed(iam, where, wanted.used, key);
      const { AccessKeyId } = key;
      if (wanted.inactive) await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }));
    }
    return named(where, made);
  };

export default defineScenarios(disableUnusedCredentials, {
  faulty: user({ keys: [{ made: 100 }] }),
  scenarios: {
    'a key was never used': { expected: 'FIXED' },
    'a key was last used 50 days ago': { arrange: user({ keys: [{ made: 300, used: 50 }] }), expected: 'FIXED' },
    'one key is used, the other is not': {
      arrange: user({ keys: [{ made: 300, used: 2 }, { made: 200 }] }),
      expected: 'FIXED',
    },
    'one of two unused keys is inactive already': {
      arrange: user({ keys: [{ made: 300, inactive: true }, { made: 200 }] }),
      expected: 'FIXED',
    },
    'a used password, and a key that is not, of a user with a path': {
      arrange: user({ keys: [{ made: 100 }], password: { made: 10 }, path: '/division/team/' }, userResourceByName),
      expected: 'FIXED',
    },
    'a key was not used for 90 days': { control: 'IAM.8', expected: 'FIXED' },
    'a password was never used': { arrange: user({ password: { made: 50 } }), expected: 'REFUSED' },
    'a password was never used, and a key neither': {
      arrange: user({ keys: [{ made: 50 }], password: { made: 50 } }),
      expected: 'REFUSED',
    },
    'a password was never used, and a key neither, and policy lets both go': {
      arrange: user({ keys: [{ made: 50 }], password: { made: 50 } }),
      params: { deletePasswords: true },
      expected: 'FIXED',
    },
    'policy allows 180 days': {
      arrange: user({ keys: [{ made: 100 }] }),
      params: { maxUnusedDays: 180 },
      expected: 'COMPLIANT',
    },
    'a key was used yesterday': { arrange: user({ keys: [{ made: 300, used: 1 }] }), expected: 'COMPLIANT' },
    'key and password are new': {
      arrange: user({ keys: [{ made: 3 }], password: { made: 3 } }),
      expected: 'COMPLIANT',
    },
    'the unused key is inactive already': {
      arrange: user({ keys: [{ made: 300, inactive: true }] }),
      expected: 'COMPLIANT',
    },
    'a key was not used for 60 days, and 90 are allowed': {
      control: 'IAM.8',
      arrange: user({ keys: [{ made: 60 }] }),
      expected: 'COMPLIANT',
    },
    'the user is gone': {
      async arrange({ iam }, where) {
        const gone = await newUser(iam, where);
        await iam.send(new DeleteUserCommand({ UserName: gone.UserName }));
        return userResource(where, gone);
      },
      expected: 'COMPLIANT',
    },
  },
});
