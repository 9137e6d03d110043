import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { organizationState } from './look-up.ts';

/** The service principal with trusted access and delegated administrators. */
const SERVICE = 'member.org.stacksets.cloudformation.amazonaws.com';

/**
 * @throws AwsError ValidationError
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html
 */
export function checkMayOperate(kernel: Kernel, account: string, callAs: string): void {
  const { delegated, trusted } = organizationState(kernel);
  if (callAs === 'DELEGATED_ADMIN' && !delegated.get(SERVICE)?.has(account))
    throw new AwsError('ValidationError', 'Account used is not a delegated administrator');
  if (callAs === 'SELF' && !isManagementAccount(kernel, account))
    throw new AwsError(
      'ValidationError',
      'You must be the management account or delegated admin account of an organization before operating a SERVICE_MANAGED stack set',
    );
  if (!trusted.has(SERVICE))
    throw new AwsError(
      'ValidationError',
      'You must enable organizations access to operate a service managed stack set',
    );
}

export const isManagementAccount = (kernel: Kernel, account: string): boolean =>
  organizationState(kernel).organization?.managementAccount === account;
