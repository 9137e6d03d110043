/** A sandbox of three accounts in which IAM decides. Tests make calls as the root user of an account. */

import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import type { Principal } from '../../../sandbox/kernel/kernel.ts';

export const ROOT_MANAGEMENT_ACCOUNT = '000000000001';
export const OWN_ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '222222222222';

export type TwoAccounts = Sandbox & {
  as<T = any>(account: string, service: string, operation: string, input?: object, region?: string): Promise<T>;
  by<T = any>(principal: Principal, service: string, operation: string, input?: object, region?: string): Promise<T>;
};

export async function twoAccounts(): Promise<TwoAccounts> {
  const accounts = [ROOT_MANAGEMENT_ACCOUNT, OWN_ACCOUNT, OTHER_ACCOUNT].map((id) => ({ id, name: id }));
  const organization = { id: 'o-exampleorgid', managementAccount: ROOT_MANAGEMENT_ACCOUNT, accounts };
  const sandbox = await createSandbox({ organization, homeRegion: 'us-east-1', start: Date.UTC(2026, 0, 1) });
  const { kernel } = sandbox;
  const by: TwoAccounts['by'] = (principal, service, operation, input = {}, region = 'us-east-1') =>
    kernel.call(principal, { partition: 'aws', account: principal.account, region }, service, operation, input);
  return {
    ...sandbox,
    by,
    as: (account, service, operation, input, region) => by(rootOf(account), service, operation, input, region),
  };
}

export const rootOf = (account: string): Principal => ({ kind: 'root', arn: `arn:aws:iam::${account}:root`, account });
