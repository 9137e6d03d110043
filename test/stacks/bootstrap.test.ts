/** The bootstrap of the accounts: too old or missing, with a clear message; and none in the management account. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { organizationOptions } from '../../lab/organization/organization.ts';
import { deployAssembly } from '../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { addStacks } from '../../stacks/app.ts';
import { MIN_BOOTSTRAP_VERSION } from '../../stacks/constructs/bootstrap.ts';
import { parseContext } from '../../stacks/context.ts';
import { SAMPLE_CONTEXT, SAMPLE_POLICY, SECURITY_ACCOUNT, SERVICE_ACCOUNT } from './templates.ts';

const MANAGEMENT = '999999999999';
const SHOP = '444444444444';
const FEW = REMEDIATIONS.filter(({ id }) => id === 'ec2/close-admin-ports');
const context = parseContext({
  ...SAMPLE_CONTEXT,
  rollout: { managementAccount: MANAGEMENT, account: MANAGEMENT, units: ['ou-test-workload'] },
});
const outdir = mkdtempSync(join(tmpdir(), 'suture-bootstrap-test-'));
beforeAll(() => {
  const app = new App({ outdir, analyticsReporting: false });
  addStacks(app, { context, remediations: FEW, policy: SAMPLE_POLICY, bundles: () => Code.fromInline('x = 1') });
  app.synth();
});
afterAll(() => rmSync(outdir, { recursive: true }));

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function deploy(bootstrapVersions: Record<string, number | undefined>, ...only: string[]) {
  sandbox = await createSandbox({
    organization: organizationOptions(context, [{ id: SHOP, name: 'shop' }], MANAGEMENT),
    homeRegion: context.homeRegion,
  });
  return deployAssembly(sandbox.kernel, outdir, { memberAccounts: [], only, bootstrapVersions });
}

describe('a bootstrap', () => {
  it.each([
    ['SutureLedger', SECURITY_ACCOUNT],
    ['SutureService', SERVICE_ACCOUNT],
  ])('that is too old fails before %s creates anything, with the command', async (stack, account) => {
    const before = MIN_BOOTSTRAP_VERSION - 1;
    await expect(deploy({ [account]: before }, stack)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(
        new RegExp(
          `Account ${account} is bootstrapped for an older CDK .* npx cdk bootstrap aws://${account}/${context.homeRegion}`,
        ),
      ),
    });
  });

  it('of the oldest version for stacks with assets is enough', async () => {
    expect(await deploy({ [SERVICE_ACCOUNT]: MIN_BOOTSTRAP_VERSION }, 'SutureService')).toHaveLength(1);
  });

  it("that is missing fails with CloudFormation's error", async () => {
    const answer = deploy({ [SERVICE_ACCOUNT]: undefined }, 'SutureService');
    await expect(answer).rejects.toThrow('Unable to fetch parameters [/cdk-bootstrap/hnb659fds/version]');
  });

  it('is not needed by the rollout in the management account', async () => {
    expect(await deploy({ [MANAGEMENT]: undefined }, 'SutureOrgRollout')).toHaveLength(1);
    expect(sandbox.kernel.calls).toBeDefined();
  });
});
