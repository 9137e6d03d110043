/**
 * IAM.18 (Config rule iam-policy-in-use): a role, user or group has AWSSupportAccess.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-18
 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../contract/remediation.ts';
import {
  createSupport,
  findSupportRole,
  removeSupport,
  SUPPORT_PARAMS,
  SUPPORT_PERMISSIONS,
  supportHolders,
  supportTrust,
} from '../support-role.ts';

const NOBODY =
  'policy names nobody who may assume the role: set params.trusts to accounts, or to ARNs of roles and users';

export default defineRemediation({
  id: 'iam/create-support-role',
  title: 'Create a role that manages cases with AWS Support',
  handles: { controls: ['IAM.18'] },
  risk: 'safe',
  global: true,
  target: accountTarget,
  found: z.strictObject({ role: z.string() }),
  ...SUPPORT_PARAMS,
  /** Of the role that policy names, and whether somebody else has AWSSupportAccess. */
  state: z.strictObject({ role: z.enum(['absent', 'named', 'other']), attached: z.boolean(), others: z.boolean() }),
  ...SUPPORT_PERMISSIONS,
  clients: { iam: IAMClient },
}).by({
  async read({ iam, params: { roleName, trusts }, ...place }) {
    const { role: attached, others } = await supportHolders(iam, place, roleName);
    const trust = trusts && supportTrust(place, trusts);
    return { role: await findSupportRole(iam, roleName, trust), attached, others };
  },
  targets: (_, { params }) => [{ role: params.roleName }],
  want(state, { params: { roleName, trusts } }) {
    if (state.attached || state.others) return state;
    if (!trusts) return refused(NOBODY);
    if (state.role === 'other')
      return refused(`the role ${roleName} exists and trusts others than policy names: set params.roleName`);
    return { role: 'named', attached: true, others: false };
  },
  write: ({ iam, params, ...place }, _, { role, attached }) =>
    attached
      ? createSupport(iam, place, params)
      : removeSupport(iam, place, { roleName: params.roleName, deletes: role === 'absent' }),
  summary: (_, { attached, role }) => {
    if (attached) return 'those whom policy names may assume a role with AWSSupportAccess';
    return role === 'absent' ? 'the support role is deleted' : 'AWSSupportAccess is detached from the support role';
  },
});
