/**
 * IAM.22 and IAM.8: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-22
 * Passwords and active keys that nobody used for 45 (IAM.8: 90) days fail. Keys can be deactivated; passwords can only
 * be deleted (the console's "disable" deletes the login profile too), so they are deleted only if policy says so.
 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { AccessKey, asInactive, keyChangeText, lastUse, listKeys, setStatuses } from '../access-keys.ts';
import { daysUnused } from '../ages.ts';
import { deletePassword, passwordCreatedAt } from '../login-profile.ts';
import { MAX_UNUSED_DAYS, UNUSED_PARAMS } from '../unused.ts';
import { iamUser, readUser, USER_ARN, userName, userTags } from '../user.ts';

const PASSWORD_KEPT = 'a deleted password is lost: delete it, or set deletePasswords; until then unused keys stay too';

export default defineRemediation({
  id: 'iam/disable-unused-credentials',
  title: 'Disable credentials that nobody uses',
  handles: { controls: Object.keys(MAX_UNUSED_DAYS) },
  risk: 'destructive',
  global: true,
  target: iamUser,
  ...UNUSED_PARAMS,
  /** The unused keys, and whether there is an unused password. */
  state: z.strictObject({ password: z.boolean(), keys: z.array(AccessKey) }),
  reads: [
    { actions: ['iam:GetUser', 'iam:GetLoginProfile'], resources: [USER_ARN], because: 'whether the password is used' },
    { actions: ['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed'], resources: [USER_ARN], because: 'the keys in use' },
  ],
  writes: [
    { actions: ['iam:UpdateAccessKey'], resources: [USER_ARN], because: 'deactivates; rollback activates again' },
    { actions: ['iam:DeleteLoginProfile'], resources: [USER_ARN], because: 'deletes the password, if policy says so' },
  ],
  clients: { iam: IAMClient },
}).by({
  async read({ iam, target, params, control, now }) {
    const user = await readUser(iam, target);
    if (!user) return undefined;
    const days = params.maxUnusedDays ?? MAX_UNUSED_DAYS[control]!;
    const isUnused = (createdAt: Date, usedAt?: Date) => daysUnused(createdAt, usedAt, now) >= days;
    const password = await passwordCreatedAt(iam, userName(target));
    const keys: AccessKey[] = [];
    for (const { id, status, createdAt } of await listKeys(iam, userName(target)))
      if (isUnused(createdAt, (await lastUse(iam, id))?.at)) keys.push({ id, status });
    return { password: password !== undefined && isUnused(password, user.PasswordLastUsed), keys };
  },
  want: ({ password, keys }, { params }) =>
    password && !params.deletePasswords ? refused(PASSWORD_KEPT) : { password: false, keys: keys.map(asInactive) },
  async write({ iam, target }, from, to) {
    await setStatuses(iam, userName(target), from.keys, to.keys);
    if (from.password && !to.password) await deletePassword(iam, userName(target));
  },
  loses: (from, to) => (from.password && !to.password ? 'a deleted password; give the user a new one' : undefined),
  tags: ({ iam, target }) => userTags(iam, target),
  summary: (from, to) =>
    keyChangeText(from.keys, to.keys)
      .concat(from.password && !to.password ? 'the console password is deleted' : [])
      .join(', '),
});
