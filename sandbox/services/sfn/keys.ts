/**
 * The customer's key of a state machine.
 * https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
 */
import { AwsError, type Need, type Principal } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import type { SfnAt, StateMachine } from './state.ts';

type Encrypted = Pick<StateMachine, 'arn' | 'encryption'>;

export function machineKeyNeeds(
  at: SfnAt,
  { arn, encryption }: Encrypted,
  actions: readonly string[],
): readonly Need[] {
  if (encryption?.type !== 'CUSTOMER_MANAGED_KMS_KEY') return [];
  const context = { 'aws:states:stateMachineArn': arn };
  return keyNeeds(at.kernel, at, encryption.kmsKeyId, actions, `states.${at.region}.amazonaws.com`, context);
}

/**
 * Checks that the machine's role may use the key, with which it writes and reads the history.
 * @throws AwsError KmsAccessDeniedException
 */
export function checkRoleMayUseKey(at: SfnAt, machine: StateMachine, role: Principal): void {
  for (const need of machineKeyNeeds(at, machine, ['kms:GenerateDataKey', 'kms:Decrypt'])) {
    try {
      at.kernel.authorize(role, at, need, 'kms');
    } catch (error) {
      throw new AwsError('KmsAccessDeniedException', (error as Error).message);
    }
  }
}
