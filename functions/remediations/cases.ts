/** The cases of every remediation, one line each, in the registry's order. For tests and the sandbox: no bundle contains them. */
import type { Cases } from '../contract/cases.ts';
import validateLogFiles from './cloudtrail/validate-log-files/cases.ts';
import closeAdminPorts from './ec2/close-admin-ports/cases.ts';
import closeHighRiskPorts from './ec2/close-high-risk-ports/cases.ts';
import emptyDefaultSecurityGroup from './ec2/empty-default-security-group/cases.ts';
import encryptEbsByDefault from './ec2/encrypt-ebs-by-default/cases.ts';
import restrictOpenPorts from './ec2/restrict-open-ports/cases.ts';
import deactivateOldAccessKeys from './iam/deactivate-old-access-keys/cases.ts';
import disableUnusedCredentials from './iam/disable-unused-credentials/cases.ts';
import strengthenPasswordPolicy from './iam/strengthen-password-policy/cases.ts';
import rotateKeys from './kms/rotate-keys/cases.ts';
import blockAccountPublicAccess from './s3/block-account-public-access/cases.ts';
import blockBucketPublicAccess from './s3/block-bucket-public-access/cases.ts';

export const cases: readonly Cases[] = [
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

export function casesOf(control: string): Cases {
  const found = cases.find(({ of }) => of.handles.controls.includes(control));
  if (!found) throw new RangeError(`No remediation handles ${control}`);
  return found;
}
