/** Every remediation, one line each. */
import type { Remediation } from '../contract/remediation.ts';
import closeAdminPorts from './ec2/close-admin-ports/index.ts';
import encryptEbsByDefault from './ec2/encrypt-ebs-by-default/index.ts';

export const remediations: readonly Remediation[] = [closeAdminPorts, encryptEbsByDefault];
