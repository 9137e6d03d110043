/**
 * IAM.7 and IAM.10 to IAM.17: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-7
 * Only IAM.7 has parameters. IAM.10 comes from PCI DSS 3.2.1, the others from the CIS benchmarks.
 */
import {
  DeleteAccountPasswordPolicyCommand,
  GetAccountPasswordPolicyCommand,
  IAMClient,
  UpdateAccountPasswordPolicyCommand,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../contract/remediation.ts';
import { settingWrite } from '../../kit/account-setting.ts';
import {
  declaredPasswordPolicy,
  LOCK_OUT_REASON,
  locksOut,
  PASSWORD_PARAMS,
  PasswordPolicy,
  policyChangeText,
  REQUIREMENTS,
  strengthen,
  toPasswordPolicy,
} from '../password-policy.ts';
import { ifExists } from '../user.ts';

export default defineRemediation({
  id: 'iam/strengthen-password-policy',
  title: 'Ask for strong passwords of IAM users',
  handles: { controls: Object.keys(REQUIREMENTS) },
  // An expiry applies at once: people with older passwords must change them at the next sign-in.
  risk: 'disruptive',
  global: true,
  target: accountTarget,
  ...PASSWORD_PARAMS,
  state: z.strictObject({ policy: PasswordPolicy.nullable() }),
  reads: [{ actions: ['iam:GetAccountPasswordPolicy'], resources: ['*'], because: 'an account setting has no ARN' }],
  writes: [settingWrite('iam:UpdateAccountPasswordPolicy', 'sets the policy; rollback sets an earlier one again')],
  undoes: [settingWrite('iam:DeleteAccountPasswordPolicy', 'deletes a policy that did not exist before')],
  clients: { iam: IAMClient },
}).by({
  async read({ iam }) {
    const found = await ifExists(iam.send(new GetAccountPasswordPolicyCommand({})));
    return { policy: found?.PasswordPolicy ? toPasswordPolicy(found.PasswordPolicy) : null };
  },
  want({ policy }, { control, params }) {
    const wanted = strengthen(policy, { ...REQUIREMENTS[control], ...params });
    if (locksOut(policy, wanted)) return refused(LOCK_OUT_REASON);
    return { policy: wanted };
  },
  async write({ iam }, _, { policy }) {
    if (policy) await iam.send(new UpdateAccountPasswordPolicyCommand(policy));
    else await ifExists(iam.send(new DeleteAccountPasswordPolicyCommand({})));
  },
  declared: (from, to) => declaredPasswordPolicy(from.policy, to.policy),
  summary: (from, to) => policyChangeText(from.policy, to.policy),
});
