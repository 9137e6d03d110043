/**
 * IAM.7 and IAM.10 to IAM.17: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-7
 * Only IAM.7 takes parameters of its own; IAM.10 is that of PCI DSS 3.2.1, the others are those of the CIS benchmarks.
 */
import {
  DeleteAccountPasswordPolicyCommand,
  GetAccountPasswordPolicyCommand,
  IAMClient,
  UpdateAccountPasswordPolicyCommand,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../contract/remediation.ts';
import {
  changeInWords,
  DEMANDS,
  Demands,
  fromAws,
  LOCKED_OUT,
  locksOut,
  PasswordPolicy,
  strengthened,
} from '../password-policy.ts';
import { unlessMissing } from '../user.ts';

export default defineRemediation({
  id: 'iam/strengthen-password-policy',
  title: 'Ask for strong passwords of IAM users',
  handles: { controls: Object.keys(DEMANDS) },
  // An expiry holds at once: who has an older password must change it at the next sign-in.
  risk: 'disruptive',
  global: true,
  target: accountTarget,
  params: Demands,
  state: z.strictObject({ policy: PasswordPolicy.nullable() }),
  reads: [{ actions: ['iam:GetAccountPasswordPolicy'], resources: ['*'], because: 'an account setting has no ARN' }],
  writes: [
    {
      actions: ['iam:UpdateAccountPasswordPolicy', 'iam:DeleteAccountPasswordPolicy'],
      resources: ['*'],
      because: 'an account setting has no ARN; rollback deletes a policy where there was none',
    },
  ],
  clients: { iam: IAMClient },
}).by({
  async read({ iam }) {
    const found = await unlessMissing(iam.send(new GetAccountPasswordPolicyCommand({})));
    return { policy: found?.PasswordPolicy ? fromAws(found.PasswordPolicy) : null };
  },
  want({ policy }, { control, params }) {
    const wanted = strengthened(policy, { ...DEMANDS[control], ...params });
    if (locksOut(policy, wanted)) return refused(LOCKED_OUT);
    return { policy: wanted };
  },
  async write({ iam }, _, { policy }) {
    if (policy) await iam.send(new UpdateAccountPasswordPolicyCommand(policy));
    else await unlessMissing(iam.send(new DeleteAccountPasswordPolicyCommand({})));
  },
  summary: (from, to) => changeInWords(from.policy, to.policy),
});
