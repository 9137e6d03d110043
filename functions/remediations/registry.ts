/** Every remediation, one line each. */
import type { Remediation } from '../contract/remediation.ts';
import closeAdminPorts from './ec2/close-admin-ports/index.ts';
import encryptEbsByDefault from './ec2/encrypt-ebs-by-default/index.ts';
import rotateKeys from './kms/rotate-keys/index.ts';
import blockAccountPublicAccess from './s3/block-account-public-access/index.ts';
import blockBucketPublicAccess from './s3/block-bucket-public-access/index.ts';

export const remediations: readonly Remediation[] = [
  closeAdminPorts,
  encryptEbsByDefault,
  rotateKeys,
  blockAccountPublicAccess,
  blockBucketPublicAccess,
];
