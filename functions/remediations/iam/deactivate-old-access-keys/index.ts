/**
 * IAM.3: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3
 * Active keys made more than 90 days ago (`maxAccessKeyAge`, which cannot be changed) fail. AWS's way is to make a new
 * key, to move whatever uses the old one, and then to deactivate it: a key in use is therefore left to its owner.
 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { AccessKey, inactive, keysInWords, keysOf, setStatuses, usedWithin } from '../access-keys.ts';
import { daysSince } from '../ages.ts';
import { iamUser, liveUser, nameOf, USER, userTags } from '../user.ts';

export default defineRemediation({
  id: 'iam/deactivate-old-access-keys',
  title: 'Deactivate access keys that were not rotated',
  handles: { controls: ['IAM.3'] },
  risk: 'disruptive',
  global: true,
  target: iamUser,
  params: z.strictObject({
    maxKeyAgeDays: z.int().min(1).default(90),
    /** A key that was used so recently is in use. 0: it is deactivated all the same. */
    spareIfUsedWithinDays: z.int().min(0).default(30),
  }),
  state: z.strictObject({ oldKeys: z.array(AccessKey) }),
  reads: [
    { actions: ['iam:GetUser', 'iam:ListAccessKeys'], resources: [USER], because: 'whose keys are old' },
    { actions: ['iam:GetAccessKeyLastUsed'], resources: [USER], because: 'whether an old key is in use' },
  ],
  writes: [{ actions: ['iam:UpdateAccessKey'], resources: [USER], because: 'deactivates; rollback activates again' }],
  clients: { iam: IAMClient },
}).by({
  async read({ iam, target, params, now }) {
    if (!(await liveUser(iam, target))) return undefined;
    const keys = await keysOf(iam, nameOf(target));
    const old = keys.filter(({ made }) => daysSince(made, now) > params.maxKeyAgeDays);
    return { oldKeys: old.map(({ id, status }) => ({ id, status })) };
  },
  want: ({ oldKeys }) => ({ oldKeys: oldKeys.map(inactive) }),
  async objection({ iam, target, params, now }) {
    const keys = await keysOf(iam, nameOf(target));
    const old = keys.filter(({ made, status }) => status === 'Active' && daysSince(made, now) > params.maxKeyAgeDays);
    const used = await usedWithin(iam, old, params.spareIfUsedWithinDays, now);
    return used ? refused(`${used}: move what uses it to a new key first`) : undefined;
  },
  write: ({ iam, target }, from, to) => setStatuses(iam, nameOf(target), from.oldKeys, to.oldKeys),
  tags: ({ iam, target }) => userTags(iam, target),
  summary: (from, to) => keysInWords(from.oldKeys, to.oldKeys).join(', '),
});
