import { DeleteAccessKeyCommand, DeleteUserCommand, type IAMClient, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { addOldKey, createKey, newUser, tagUser, useKey, userResource, userResourceByName } from '../fixtures.ts';
import type { IamUser } from '../user.ts';
import deactivateOldAccessKeys from './index.ts';

type ArrangeUser = Arrange<{ readonly iam: IAMClient }, IamUser>;

/** A user with one key. */
const withKey =
  (createdDays: number, usedDays?: number): ArrangeUser =>
  async ({ iam }, context) => {
    const user = await newUser(iam, context);
    const key = await createKey(iam, context, createdDays, user);
    if (usedDays !== undefined) await useKey(iam, context, usedDays, key);
    return userResource(context, user);
  };

/** A user with two keys of these ages in days. */
const withKeys =
  (firstDays: number, secondDays: number, firstStatus: 'Active' | 'Inactive' = 'Active'): ArrangeUser =>
  async ({ iam }, context) => {
    const user = await newUser(iam, context);
    const { AccessKeyId } = await createKey(iam, context, firstDays, user);
    await createKey(iam, context, secondDays, user);
    const { UserName } = user;
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: firstStatus }));
    return userResource(context, user);
  };

export default defineScenarios(deactivateOldAccessKeys, {
  faulty: withKey(100),
  fault: addOldKey(100),
  tag: tagUser,
  scenarios: {
    'a key was never rotated': { expected: 'FIXED' },
    'a key that was not rotated has been idle for 60 days': { arrange: withKey(400, 60), expected: 'FIXED' },
    'both keys are old': { arrange: withKeys(300, 91), expected: 'FIXED' },
    'the key was rotated, but the old one not deactivated': { arrange: withKeys(100, 5), expected: 'FIXED' },
    'one of two old keys is inactive already': { arrange: withKeys(300, 100, 'Inactive'), expected: 'FIXED' },
    'the user has a path, and the finding its name': {
      async arrange({ iam }, context) {
        const user = await newUser(iam, context, '/division/team/');
        await createKey(iam, context, 100, user);
        return userResourceByName(context, user);
      },
      expected: 'FIXED',
    },
    'the user has a path, and the finding its unique id': {
      async arrange({ iam }, context) {
        const user = await newUser(iam, context, '/division/team/');
        await createKey(iam, context, 100, user);
        return userResource(context, user);
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
      async arrange({ iam }, context) {
        const user = await newUser(iam, context);
        await iam.send(new DeleteUserCommand({ UserName: user.UserName }));
        return userResource(context, user);
      },
      expected: 'COMPLIANT',
    },
    'another user has the name by now, with an old key': {
      async arrange({ iam }, context) {
        const user = await newUser(iam, context);
        const { UserName } = user;
        const { AccessKeyId } = await createKey(iam, context, 200, user);
        await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
        await iam.send(new DeleteUserCommand({ UserName }));
        await createKey(iam, context, 100, await newUser(iam, context));
        return userResource(context, user);
      },
      expected: 'COMPLIANT',
    },
  },
});
