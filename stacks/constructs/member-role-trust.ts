import {
  sessionTrust,
  type TrustedRoles,
  type TrustingInstallation,
} from '../../functions/domain/member-role-trust.ts';
import { namesOf } from '../../functions/domain/names.ts';
import type { SutureContext } from '../context.ts';

/** Returns the trust policy of a member role. Default: for the execution roles of the service account. */
export const memberRoleTrust = (context: SutureContext, trusted: TrustedRoles = executionRoles(context)): object =>
  sessionTrust(trustingInstallation(context), trusted);

export const trustingInstallation = (context: SutureContext): TrustingInstallation => {
  const { partition, serviceAccount, homeRegion, externalId } = context;
  return { partition, serviceAccount, homeRegion, externalId, callers: callersOf(context) };
};

export function executionRoles(context: SutureContext): TrustedRoles {
  const { executionRolePath, rollbackRolePath } = namesOf(context);
  return { account: context.serviceAccount, path: executionRolePath, rollbackPath: rollbackRolePath };
}

/** Returns the condition of a trust policy: principals of the organization, or of the account in a trial. */
export const callersOf = ({
  trial,
  organizationId,
  serviceAccount,
}: SutureContext): Readonly<Record<string, string>> =>
  trial ? { 'aws:PrincipalAccount': serviceAccount } : { 'aws:PrincipalOrgID': organizationId };
