/**
 * Members of CloudTrail's records that events on the bus and the event history share.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
import type { Principal } from '../../kernel/kernel.ts';

export const EVENT_VERSION = '1.08';

/** An address that belongs to nobody, for callers outside. */
export const SOURCE_ADDRESS = '192.0.2.1';

export const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/** Returns `userIdentity`. The copy for another account has the caller's account, but not its ARN. */
export function userIdentity(principal: Principal, recipient: string, accessKeyId?: string): object {
  if (principal.kind === 'service') return { type: 'AWSService', invokedBy: principal.service };
  const { account, arn } = principal;
  const principalId = principal.kind === 'root' ? account : principal.userId;
  if (account !== recipient) return { type: 'AWSAccount', principalId, accountId: account };
  const caller = { principalId, arn, accountId: account, ...(accessKeyId !== undefined && { accessKeyId }) };
  if (principal.kind === 'root') return { type: 'Root', ...caller };
  if (principal.kind === 'user') return { type: 'IAMUser', ...caller, userName: principal.user };
  return {
    type: 'AssumedRole',
    ...caller,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: principalId.split(':')[0],
        arn: principal.role,
        accountId: account,
        userName: principal.role.split('/').at(-1),
      },
      attributes: {
        creationDate: isoSeconds(principal.issuedAt),
        mfaAuthenticated: String(principal.mfaAt !== undefined),
      },
      ...(principal.sourceIdentity !== undefined && { sourceIdentity: principal.sourceIdentity }),
    },
    ...(principal.invokedBy !== undefined && { invokedBy: principal.invokedBy }),
  };
}
