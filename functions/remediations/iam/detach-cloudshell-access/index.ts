/** IAM.27: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-27 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, type Place, refused } from '../../../contract/remediation.ts';
import {
  attachManagedPolicy,
  detachManagedPolicy,
  detachPermissions,
  identityTags,
  isAttached,
} from '../attached-policies.ts';
import { iamIdentity } from '../identity-target.ts';

const POLICY = 'arn:{partition}:iam::aws:policy/AWSCloudShellFullAccess';
const policyIn = ({ partition }: Place): string => POLICY.replace('{partition}', partition);

/** https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html */
const OF_IDENTITY_CENTER = 'aws-reserved/sso.amazonaws.com/';

export default defineRemediation({
  id: 'iam/detach-cloudshell-access',
  title: 'Detach AWSCloudShellFullAccess',
  handles: { controls: ['IAM.27'] },
  risk: 'disruptive',
  global: true,
  target: iamIdentity,
  params: z.strictObject({}),
  state: z.strictObject({ attached: z.boolean() }),
  ...detachPermissions(POLICY),
  clients: { iam: IAMClient },
}).by({
  async read({ iam, target, ...place }) {
    const attached = await isAttached(iam, target, policyIn(place));
    return attached === undefined ? undefined : { attached };
  },
  want: ({ attached }, { target }) =>
    attached && target.kind === 'role' && target.identity.startsWith(OF_IDENTITY_CENTER)
      ? refused('IAM Identity Center manages the role: take the policy out of its permission set')
      : { attached: false },
  write: ({ iam, target, ...place }, _, { attached }) =>
    (attached ? attachManagedPolicy : detachManagedPolicy)(iam, target, policyIn(place)),
  tags: ({ iam, target }) => identityTags(iam, target),
  summary: (_, { attached }) =>
    attached
      ? 'AWSCloudShellFullAccess is attached'
      : 'AWSCloudShellFullAccess is detached: whoever has no other permission for it cannot open CloudShell any more',
});
