/** Every remediation, one line each. */
import type { Remediation } from '../contract/remediation.ts';
import validateLogFiles from './cloudtrail/validate-log-files/index.ts';
import closeAdminPorts from './ec2/close-admin-ports/index.ts';
import closeHighRiskPorts from './ec2/close-high-risk-ports/index.ts';
import emptyDefaultSecurityGroup from './ec2/empty-default-security-group/index.ts';
import encryptEbsByDefault from './ec2/encrypt-ebs-by-default/index.ts';
import restrictOpenPorts from './ec2/restrict-open-ports/index.ts';
import deactivateOldAccessKeys from './iam/deactivate-old-access-keys/index.ts';
import disableUnusedCredentials from './iam/disable-unused-credentials/index.ts';
import strengthenPasswordPolicy from './iam/strengthen-password-policy/index.ts';
import rotateKeys from './kms/rotate-keys/index.ts';
import blockAccountPublicAccess from './s3/block-account-public-access/index.ts';
import blockBucketPublicAccess from './s3/block-bucket-public-access/index.ts';

export const remediations: readonly Remediation[] = [
  validateLogFiles,
  closeAdminPorts,
  closeHighRiskPorts,
  emptyDefaultSecurityGroup,
  encryptEbsByDefault,
  restrictOpenPorts,
  deactivateOldAccessKeys,
  disableUnusedCredentials,
  strengthenPasswordPolicy,
  rotateKeys,
  blockAccountPublicAccess,
  blockBucketPublicAccess,
];
