import { REMEDIATION_TAG } from '../../functions/domain/permissions.ts';
import type { SutureContext } from '../context.ts';
import { EXECUTION_ROLE_PATH } from '../names.ts';

/** `suture-` and 32 hex digits of the execution. */
const SOURCE_IDENTITY = `suture-${'?'.repeat(32)}`;
const SESSION_TAGS = [REMEDIATION_TAG, 'suture:finding', 'suture:execution'];

export type TrustedRoles = { readonly account: string; readonly path: string };

/**
 * Returns three statements that trust roles by path, so that a recreated role keeps working. Default: the execution
 * roles of the service account. The session's remediation tag must equal the role's, so that no function can
 * impersonate another.
 */
export function memberRoleTrust(
  { partition, serviceAccount, organizationId, externalId }: SutureContext,
  trusted: TrustedRoles = { account: serviceAccount, path: EXECUTION_ROLE_PATH },
): object {
  const Principal = { AWS: `arn:${partition}:iam::${trusted.account}:root` };
  const ArnLike = { 'aws:PrincipalArn': `arn:${partition}:iam::${trusted.account}:role${trusted.path}*` };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Remediate',
        Effect: 'Allow',
        Principal,
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike,
          StringEquals: {
            'aws:PrincipalOrgID': organizationId,
            'sts:ExternalId': externalId,
            [`aws:RequestTag/${REMEDIATION_TAG}`]: `\${aws:PrincipalTag/${REMEDIATION_TAG}}`,
          },
          StringLike: { 'sts:SourceIdentity': SOURCE_IDENTITY },
        },
      },
      {
        Sid: 'NameTheExecution',
        Effect: 'Allow',
        Principal,
        Action: 'sts:SetSourceIdentity',
        Condition: { ArnLike, StringLike: { 'sts:SourceIdentity': SOURCE_IDENTITY } },
      },
      {
        Sid: 'TagTheSession',
        Effect: 'Allow',
        Principal,
        Action: 'sts:TagSession',
        Condition: { ArnLike, 'ForAllValues:StringEquals': { 'aws:TagKeys': SESSION_TAGS } },
      },
      {
        Sid: 'NobodyFromOutside',
        Effect: 'Deny',
        Principal: '*',
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        Condition: { StringNotEquals: { 'aws:PrincipalOrgID': organizationId } },
      },
    ],
  };
}
