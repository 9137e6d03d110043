/**
 * IAM.3: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3
 * Active keys older than 90 days (`maxAccessKeyAge`, which cannot be changed) fail. AWS's procedure is to create a new
 * key, to move its users, and then to deactivate the old one. So a key in use is left to its owner.
 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { AccessKey, asInactive, keyChangeText, keyInUse, listKeys, setStatuses } from '../access-keys.ts';
import { daysSince } from '../ages.ts';
import { iamUser, readUser, USER_ARN, userName, userTags } from '../user.ts';

export default defineRemediation({
  id: 'iam/deactivate-old-access-keys',
  title: 'Deactivate access keys that were not rotated',
  handles: { controls: ['IAM.3'] },
  risk: 'disruptive',
  global: true,
  target: iamUser,
  params: z.strictObject({
    maxKeyAgeDays: z.int().min(1).default(90),
    /** A key with a more recent use is in use. 0 deactivates it anyway. */
    spareIfUsedWithinDays: z.int().min(0).default(30),
  }),
  controlParams: {
    maxKeyAgeDays: { stricter: 'less', requires: { 'IAM.3': 90 } },
    spareIfUsedWithinDays: 'own',
  },
  state: z.strictObject({ oldKeys: z.array(AccessKey) }),
  reads: [
    { actions: ['iam:GetUser', 'iam:ListAccessKeys'], resources: [USER_ARN], because: 'whose keys are old' },
    { actions: ['iam:GetAccessKeyLastUsed'], resources: [USER_ARN], because: 'whether an old key is in use' },
  ],
  writes: [
    { actions: ['iam:UpdateAccessKey'], resources: [USER_ARN], because: 'deactivates; rollback activates again' },
  ],
  clients: { iam: IAMClient },
}).by({
  async read({ iam, target, params, now }) {
    if (!(await readUser(iam, target))) return undefined;
    const keys = await listKeys(iam, userName(target));
    const old = keys.filter(({ createdAt }) => daysSince(createdAt, now) > params.maxKeyAgeDays);
    return { oldKeys: old.map(({ id, status }) => ({ id, status })) };
  },
  want: ({ oldKeys }) => ({ oldKeys: oldKeys.map(asInactive) }),
  async objection({ iam, target, params, now }) {
    const keys = await listKeys(iam, userName(target));
    const old = keys.filter(
      ({ createdAt, status }) => status === 'Active' && daysSince(createdAt, now) > params.maxKeyAgeDays,
    );
    const used = await keyInUse(iam, old, params.spareIfUsedWithinDays, now);
    return used ? refused(`${used}: move what uses it to a new key first`) : undefined;
  },
  write: ({ iam, target }, from, to) => setStatuses(iam, userName(target), from.oldKeys, to.oldKeys),
  tags: ({ iam, target }) => userTags(iam, target),
  summary: (from, to) => keyChangeText(from.oldKeys, to.oldKeys).join(', '),
});
