/**
 * IAM.22 and IAM.8: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-22
 * Passwords and active keys that nobody used for 45 (IAM.8: 90) days fail. Keys can be switched off; passwords cannot
 * (the console's "disable", too, deletes the login profile), so they go only where policy says so.
 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { AccessKey, inactive, keysInWords, keysOf, lastUse, setStatuses } from '../access-keys.ts';
import { daysUnused } from '../ages.ts';
import { deletePassword, passwordMade } from '../login-profile.ts';
import { iamUser, liveUser, nameOf, USER, userTags } from '../user.ts';

const DAYS: Readonly<Record<string, number>> = { 'IAM.22': 45, 'IAM.8': 90 };
const KEPT = 'once deleted, the unused password is lost: delete it, or let deletePasswords; unused keys wait for that';

export default defineRemediation({
  id: 'iam/disable-unused-credentials',
  title: 'Disable credentials that nobody uses',
  handles: { controls: Object.keys(DAYS) },
  risk: 'destructive',
  global: true,
  target: iamUser,
  params: z.strictObject({ maxUnusedDays: z.int().min(1).optional(), deletePasswords: z.boolean().default(false) }),
  /** Keys that are unused, and whether there is a password that is. */
  state: z.strictObject({ password: z.boolean(), keys: z.array(AccessKey) }),
  reads: [
    { actions: ['iam:GetUser', 'iam:GetLoginProfile'], resources: [USER], because: 'whether the password is used' },
    { actions: ['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed'], resources: [USER], because: 'which keys are used' },
  ],
  writes: [
    { actions: ['iam:UpdateAccessKey'], resources: [USER], because: 'deactivates; rollback activates again' },
    { actions: ['iam:DeleteLoginProfile'], resources: [USER], because: 'ends console access, where policy says so' },
  ],
  clients: { iam: IAMClient },
}).by({
  async read({ iam, target, params, control, now }) {
    const user = await liveUser(iam, target);
    if (!user) return undefined;
    const days = params.maxUnusedDays ?? DAYS[control]!;
    const isUnused = (made: Date, used?: Date) => daysUnused(made, used, now) >= days;
    const password = await passwordMade(iam, nameOf(target));
    const keys: AccessKey[] = [];
    for (const { id, status, made } of await keysOf(iam, nameOf(target)))
      if (isUnused(made, (await lastUse(iam, id))?.at)) keys.push({ id, status });
    return { password: password !== undefined && isUnused(password, user.PasswordLastUsed), keys };
  },
  want: ({ password, keys }, { params }) =>
    password && !params.deletePasswords ? refused(KEPT) : { password: false, keys: keys.map(inactive) },
  async write({ iam, target }, from, to) {
    await setStatuses(iam, nameOf(target), from.keys, to.keys);
    if (from.password && !to.password) await deletePassword(iam, nameOf(target));
  },
  loses: (from, to) => (from.password && !to.password ? 'a deleted password; give the user a new one' : undefined),
  tags: ({ iam, target }) => userTags(iam, target),
  summary: (from, to) =>
    keysInWords(from.keys, to.keys)
      .concat(from.password && !to.password ? 'the console password is deleted' : [])
      .join(', '),
});
