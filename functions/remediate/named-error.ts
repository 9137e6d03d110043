/** Gives an error of a member account a name that the workflow knows, and a message that says what to do. */
import { commandToReplay, errorDescription, isDenial, SutureError, toSutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';
import { type Cause, causesInOrder, deniedAction } from '../domain/denials.ts';
import type { JobFinding } from '../domain/job.ts';

/** @param failedCall such as `S3 GetPublicAccessBlock`, for a text of AWS that names no action */
export function namedError(
  error: unknown,
  { id, title }: Remediation,
  { account, partition }: JobFinding,
  role: string,
  failedCall: string | undefined,
): unknown {
  if (error instanceof SutureError || !isDenial(error)) return toSutureError(error, `"${title}" in account ${account}`);
  const arn = `arn:${partition}:iam::${account}:role/${role}`;
  const action = deniedAction(error) ?? failedCall ?? 'A call';
  const message = [
    errorDescription(error),
    `${action} was denied in account ${account} to ${arn}, for ${id}. Likely causes, in order:`,
    ...causesInOrder(error, causes(account ?? 'unknown', arn, id)),
    `Then replay it: ${commandToReplay('MemberAccessDenied', account)}`,
  ];
  return new SutureError('MemberAccessDenied', message.join('\n'), { cause: error });
}

const causes = (account: string, role: string, id: string): readonly Cause[] => [
  {
    pattern: /identity-based policy/,
    explanation: "The member role is older than the remediation, or somebody has changed the role's policies",
    remedy: `deploy the member role's stack into ${account} again`,
  },
  {
    pattern: /service control policy|resource control policy/,
    explanation: 'A service control policy or resource control policy of the organization denies it',
    remedy: `in the management account, exempt ${role} from that policy, or make the account or the resource exempt in policy.yaml`,
  },
  {
    pattern: /permissions boundary/,
    explanation: "The role's permissions boundary does not allow it, or was replaced",
    remedy: `deploy the member role's stack into ${account} again, and look in CloudTrail for PutRolePermissionsBoundary and CreatePolicyVersion`,
  },
  {
    pattern: /resource-based policy/,
    explanation:
      "The resource's own policy (a bucket's, a KMS key's) denies it, or a key's policy leaves no decision to IAM",
    remedy: `let the owner allow ${role} there, or make the resource exempt in policy.yaml`,
  },
  {
    // S3 gives only this answer if the owner is not the expected one.
    pattern: /: Access Denied\.?$/,
    explanation: `The resource belongs to another account than ${account}, whose finding names it`,
    remedy:
      'the finding is wrong or forged, and nothing was written: find out who sent it (docs/runbook.md#findings-rejected)',
  },
  {
    pattern: /session policy/,
    explanation: `The session was made for what ${id} declares on this plan's targets, and the call is not among them`,
    remedy: "declare the action in the module's reads or writes, then deploy its stack and the member role's again",
  },
];
