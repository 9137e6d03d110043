import { EXECUTION_TAG, FINDING_TAG, REMEDIATION_TAG, ROLLBACK_TAG } from './permissions.ts';

/** `suture-` and 32 hex digits of the execution. */
const SOURCE_IDENTITY = `suture-${'?'.repeat(32)}`;
const SESSION_TAGS = [REMEDIATION_TAG, FINDING_TAG, EXECUTION_TAG];

/** Roles that may open sessions; those below `rollbackPath` must tag them as rollbacks, and no others can. */
export type TrustedRoles = { readonly account: string; readonly path: string; readonly rollbackPath?: string };

/** The installation, as trust policies of member accounts name it. */
export type TrustingInstallation = {
  readonly partition: string;
  readonly serviceAccount: string;
  readonly homeRegion: string;
  readonly externalId: string;
  /** Keys and values of a condition that holds for principals of the organization, in a trial for those of the account. */
  readonly callers: Readonly<Record<string, string>>;
};

/**
 * Trusts roles by path, so that a recreated role keeps working.
 * The session's remediation tag must equal the role's, so that no function can impersonate another. Sessions are opened
 * in the home Region, whose events are watched; a request without a Region, which AWS does not document for STS, is not
 * refused for that.
 */
export function sessionTrust(
  { partition, homeRegion, externalId, callers }: TrustingInstallation,
  { account, path, rollbackPath }: TrustedRoles,
): object {
  const Principal = { AWS: `arn:${partition}:iam::${account}:root` };
  const below = (rolePath: string) => `arn:${partition}:iam::${account}:role${rolePath}*`;
  const anyArn = { 'aws:PrincipalArn': rollbackPath === undefined ? below(path) : [path, rollbackPath].map(below) };
  const ownTag = `\${aws:PrincipalTag/${REMEDIATION_TAG}}`;
  const common = {
    ...callers,
    'sts:ExternalId': externalId,
    [`aws:RequestTag/${REMEDIATION_TAG}`]: ownTag,
  };
  const StringEqualsIfExists = { 'aws:RequestedRegion': homeRegion };
  const StringLike = { 'sts:SourceIdentity': SOURCE_IDENTITY };
  const allow = (Sid: string, Action: string | string[], Condition: object) => ({
    Sid,
    Effect: 'Allow',
    Principal,
    Action,
    Condition,
  });
  return {
    Version: '2012-10-17',
    Statement: [
      allow('Remediate', 'sts:AssumeRole', {
        ArnLike: { 'aws:PrincipalArn': below(path) },
        StringEquals: common,
        StringEqualsIfExists,
        StringLike,
        ...(rollbackPath !== undefined && { Null: { [`aws:RequestTag/${ROLLBACK_TAG}`]: 'true' } }),
      }),
      ...(rollbackPath === undefined
        ? []
        : [
            allow('RollBack', 'sts:AssumeRole', {
              ArnLike: { 'aws:PrincipalArn': below(rollbackPath) },
              StringEquals: { ...common, [`aws:RequestTag/${ROLLBACK_TAG}`]: ownTag },
              StringEqualsIfExists,
              StringLike,
            }),
          ]),
      // The request is allowed only with AssumeRole, whose statements check the values.
      allow('NameAndTagTheSession', ['sts:SetSourceIdentity', 'sts:TagSession'], {
        ArnLike: anyArn,
        'ForAllValues:StringEquals': {
          'aws:TagKeys': rollbackPath === undefined ? SESSION_TAGS : [...SESSION_TAGS, ROLLBACK_TAG],
        },
      }),
      {
        Sid: 'NobodyFromOutside',
        Effect: 'Deny',
        Principal: '*',
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        Condition: { StringNotEquals: callers },
      },
    ],
  };
}
