import { DeleteAccessKeyCommand, DeleteUserCommand, type IAMClient, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { keyMade, keyUsed, newUser, userResource, userResourceByName } from '../fixtures.ts';
import deactivateOldAccessKeys from './index.ts';

type With = Arrange<{ readonly iam: IAMClient }, unknown>;

/** A user with a key made so many days ago, last used so many days ago. */
const withKey =
  (made: number, used?: number): With =>
  async ({ iam }, where) => {
    const user = await newUser(iam, where);
    const key = await keyMade(iam, where, made, user);
    if (used !== undefined) await keyUsed(iam, where, used, key);
    return userResource(where, user);
  };

/** A user with two keys made so many days ago, the first of them deactivated if told. */
const withKeys =
  (first: number, second: number, firstStatus: 'Active' | 'Inactive' = 'Active'): With =>
  async ({ iam }, where) => {
    const user = await newUser(iam, where);
    const { AccessKeyId } = await keyMade(iam, where, first, user);
    await keyMade(iam, where, second, user);
    const { UserName } = user;
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: firstStatus }));
    return userResource(where, user);
  };

export default defineScenarios(deactivateOldAccessKeys, {
  faulty: withKey(100),
  scenarios: {
    'a key was never rotated': { expected: 'FIXED' },
    'a key that was not rotated has been idle for 60 days': { arrange: withKey(400, 60), expected: 'FIXED' },
    'both keys are old': { arrange: withKeys(300, 91), expected: 'FIXED' },
    'the key was rotated, but the old one not deactivated': { arrange: withKeys(100, 5), expected: 'FIXED' },
    'one of two old keys is inactive already': { arrange: withKeys(300, 100, 'Inactive'), expected: 'FIXED' },
    'the user has a path, and the finding its name': {
      async arrange({ iam }, where) {
        const user = await newUser(iam, where, '/division/team/');
        await keyMade(iam, where, 100, user);
        return userResourceByName(where, user);
      },
      expected: 'FIXED',
    },
    'the user has a path, and the finding its unique id': {
      async arrange({ iam }, where) {
        const user = await newUser(iam, where, '/division/team/');
        await keyMade(iam, where, 100, user);
        return userResource(where, user);
      },
      expected: 'FIXED',
    },
    'the old key was used a week ago': { arrange: withKey(100, 7), expected: 'REFUSED' },
    'the old key was used a week ago, and policy spares none': {
      arrange: withKey(100, 7),
      params: { spareIfUsedWithinDays: 0 },
      expected: 'FIXED',
    },
    'policy allows 180 days': { arrange: withKey(100), params: { maxKeyAgeDays: 180 }, expected: 'COMPLIANT' },
    'the key is 80 days old': { arrange: withKey(80), expected: 'COMPLIANT' },
    'the old key is inactive already': { arrange: withKeys(100, 5, 'Inactive'), expected: 'COMPLIANT' },
    'the user is gone': {
      async arrange({ iam }, where) {
        const user = await newUser(iam, where);
        await iam.send(new DeleteUserCommand({ UserName: user.UserName }));
        return userResource(where, user);
      },
      expected: 'COMPLIANT',
    },
    'another user has the name by now, with an old key': {
      async arrange({ iam }, where) {
        const user = await newUser(iam, where);
        const { UserName } = user;
        const { AccessKeyId } = await keyMade(iam, where, 200, user);
        await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
        await iam.send(new DeleteUserCommand({ UserName }));
        await keyMade(iam, where, 100, await newUser(iam, where));
        return userResource(where, user);
      },
      expected: 'COMPLIANT',
    },
  },
});
