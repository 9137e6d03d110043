/** Access control lists of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
import type * as sdk from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { bucketOperation, publicAccessBlocked, type S3Operations } from './access.ts';
import { type BucketRecord, canonicalUserId, isBlocked, ownersGrant } from './state.ts';

const GROUPS = 'http://acs.amazonaws.com/groups';
const PUBLIC_GROUPS = [`${GROUPS}/global/AllUsers`, `${GROUPS}/global/AuthenticatedUsers`];
const MAX_GRANTS = 100;
const PERMISSIONS = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'];

const groupGrant = (group: string, Permission: sdk.Permission): sdk.Grant => ({
  Grantee: { Type: 'Group', URI: `${GROUPS}/${group}` },
  Permission,
});

/** The grants of canned ACLs beside the owner's. */
const CANNED: Readonly<Record<sdk.BucketCannedACL, readonly sdk.Grant[]>> = {
  private: [],
  'public-read': [groupGrant('global/AllUsers', 'READ')],
  'public-read-write': [groupGrant('global/AllUsers', 'READ'), groupGrant('global/AllUsers', 'WRITE')],
  'authenticated-read': [groupGrant('global/AuthenticatedUsers', 'READ')],
};

export const aclOperations: S3Operations = {
  GetBucketAcl: bucketOperation('GetBucketAcl', 'GetBucketAcl', [], (_, { account, grants }) => ({
    Owner: { ID: canonicalUserId(account) },
    Grants: [...grants],
  })),
  PutBucketAcl: bucketOperation('PutBucketAcl', 'PutBucketAcl', ['ACL', 'AccessControlPolicy'], (input, bucket, at) => {
    const grants = grantsOf(input, bucket);
    if (!grants.every((grant) => isOwners(grant, bucket)) && bucket.ownership === 'BucketOwnerEnforced')
      throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400);
    const isPublic = grants.some(({ Grantee }) => PUBLIC_GROUPS.includes(Grantee?.URI ?? ''));
    if (isPublic && isBlocked(at.state, bucket, 'BlockPublicAcls'))
      throw publicAccessBlocked('BlockPublicAcls', bucket, at);
    bucket.grants = grants;
    return {};
  }),
};

/** Returns true if the ACL grants nothing to anybody but the owner. */
export const isOwnersAlone = (bucket: BucketRecord): boolean => bucket.grants.every((grant) => isOwners(grant, bucket));

const isOwners = ({ Grantee }: sdk.Grant, { account }: BucketRecord): boolean =>
  Grantee?.ID === canonicalUserId(account);

function grantsOf({ ACL, AccessControlPolicy }: sdk.PutBucketAclRequest, bucket: BucketRecord): readonly sdk.Grant[] {
  if (ACL !== undefined && AccessControlPolicy !== undefined)
    throw new AwsError('UnexpectedContent', 'This request does not support content');
  const owner = canonicalUserId(bucket.account);
  if (!AccessControlPolicy) {
    const canned = CANNED[ACL ?? 'private'];
    if (!canned) throw new AwsError('InvalidArgument', `Invalid canned ACL ${ACL}`);
    return [ownersGrant(bucket.account), ...canned];
  }
  const { Owner, Grants = [] } = AccessControlPolicy;
  if (Owner?.ID !== owner) throw new AwsError('AccessDenied', 'Access Denied', 403);
  if (Grants.length > MAX_GRANTS) throw new AwsError('InvalidRequest', `An ACL has at most ${MAX_GRANTS} grants.`);
  for (const { Grantee, Permission } of Grants) {
    if (Grantee?.Type === 'AmazonCustomerByEmail') throw notModelled('a grant to an e-mail address');
    const isKnown = Grantee?.Type === 'Group' ? Grantee.URI?.startsWith(GROUPS) : Grantee?.ID !== undefined;
    if (!isKnown || !PERMISSIONS.includes(Permission ?? ''))
      throw new AwsError(
        'MalformedACLError',
        'The XML you provided was not well-formed or did not validate against our published schema',
      );
  }
  return Grants;
}
