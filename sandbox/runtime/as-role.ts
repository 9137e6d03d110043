/**
 * Lambda decrypts the environment and writes the log with the function's role.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
import { hook } from '../kernel/hooks.ts';
import { AwsError, type AwsPlace, type Kernel, type Need, type Principal } from '../kernel/kernel.ts';
import type { FunctionCode } from './function-code.ts';

/** @throws AwsError KMSAccessDeniedException if the role may not use the environment's key */
export function authorizeDecryption(kernel: Kernel, role: Principal, code: FunctionCode): void {
  if (code.keyArn === undefined) return;
  const viaService = `lambda.${code.region}.amazonaws.com`;
  const encryptionContext = { 'aws:lambda:FunctionArn': code.arn };
  const place = placeOf(kernel, code);
  try {
    const keyNeeds = hook(kernel, 'keyNeeds');
    for (const need of keyNeeds(kernel, place, code.keyArn, ['kms:Decrypt'], viaService, encryptionContext))
      kernel.authorize(role, place, need, 'kms');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message =
      'Lambda was unable to decrypt the environment variables because KMS access was denied. ' +
      `Please check the function's KMS key settings. KMS Exception: ${error.code} KMS Message: ${error.message}`;
    throw new AwsError('KMSAccessDeniedException', message, 502, { Type: 'User' });
  }
}

/** Returns whether the role may create this stream and write to it. If not, the function runs without its log. */
export function mayLog(kernel: Kernel, role: Principal, code: FunctionCode, stream: string): boolean {
  const place = placeOf(kernel, code);
  const group = `arn:${kernel.partition}:logs:${code.region}:${code.account}:log-group:${code.logGroupName}`;
  const needs: Need[] = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    action,
    resource: `${group}:log-stream:${stream}`,
  }));
  try {
    for (const need of needs) kernel.authorize(role, place, need, 'logs');
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

const placeOf = (kernel: Kernel, { account, region }: FunctionCode): AwsPlace => ({
  partition: kernel.partition,
  account,
  region,
});
