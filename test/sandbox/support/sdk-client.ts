/** SDK clients over HTTP on a sandbox with some services, as in every program of an owner. */
import { createSandboxWith, type Sandbox } from '../../../sandbox/create-sandbox.ts';
import type { Service } from '../../../sandbox/kernel/kernel.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { organizations } from '../../../sandbox/services/organizations/index.ts';
import { sts } from '../../../sandbox/services/sts/index.ts';

export const CLIENT_ACCOUNT = '111122223333';
export const CLIENT_PLACE = { partition: 'aws', account: CLIENT_ACCOUNT, region: 'eu-central-1' };

export function sandboxFor(...services: readonly Service[]): Promise<Sandbox> {
  const accounts = ['000000000001', CLIENT_ACCOUNT].map((id) => ({ id, name: id }));
  return createSandboxWith([iam, sts, organizations, kms, ...services], {
    organization: { id: 'o-exampleorgid', managementAccount: '000000000001', accounts },
    homeRegion: CLIENT_PLACE.region,
    start: Date.UTC(2026, 0, 1),
  });
}

/** Returns a client of the account's administrator. */
export const administratorClient = <C>(sandbox: Sandbox, Client: new (settings: any) => C): C =>
  new Client(sandbox.administrator(CLIENT_ACCOUNT));
