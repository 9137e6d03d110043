/** The cases of every remediation, one line each, in the registry's order. For tests and the sandbox: no bundle contains them. */
import type { Scenarios } from '../contract/scenario.ts';
import validateLogFiles from './cloudtrail/validate-log-files/scenarios.ts';
import closeAdminPorts from './ec2/close-admin-ports/scenarios.ts';
import closeHighRiskPorts from './ec2/close-high-risk-ports/scenarios.ts';
import emptyDefaultSecurityGroup from './ec2/empty-default-security-group/scenarios.ts';
import encryptEbsByDefault from './ec2/encrypt-ebs-by-default/scenarios.ts';
import restrictOpenPorts from './ec2/restrict-open-ports/scenarios.ts';
import deactivateOldAccessKeys from './iam/deactivate-old-access-keys/scenarios.ts';
import disableUnusedCredentials from './iam/disable-unused-credentials/scenarios.ts';
import strengthenPasswordPolicy from './iam/strengthen-password-policy/scenarios.ts';
import rotateKeys from './kms/rotate-keys/scenarios.ts';
import blockAccountPublicAccess from './s3/block-account-public-access/scenarios.ts';
import blockBucketPublicAccess from './s3/block-bucket-public-access/scenarios.ts';

export const scenarios: readonly Scenarios[] = [
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

export function scenariosOf(control: string): Scenarios {
  const found = scenarios.find(({ of }) => of.handles.controls.includes(control));
  if (!found) throw new RangeError(`No remediation handles ${control}`);
  return found;
}
