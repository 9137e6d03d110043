/** Deploys the stacks of every partition into the sandbox, with the real functions, and fixes a finding there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { startOrganization } from '../../../lab/organization/organization.ts';
import { automaticPolicy } from '../../../lab/simulate/policy.ts';
import { addStacks } from '../../../stacks/app.ts';
import { bundlesIn } from '../../../stacks/bundle-code.ts';
import { buildBundles } from '../../../stacks/bundles.ts';
import { parseContext, readCdkJsonContext, type SutureContext } from '../../../stacks/context.ts';
import { Pipeline } from '../../support/pipeline.ts';

const FEW = REMEDIATIONS.filter(({ id }) => id === 'ec2/close-admin-ports');
const MEMBER = { id: '333333333333', name: 'shop' };
const folder = mkdtempSync(join(tmpdir(), 'suture-partitions-'));
const bundles = join(folder, 'bundles');
beforeAll(() => buildBundles(FEW, { outdir: bundles }));
afterAll(() => rmSync(folder, { recursive: true }));

function synthesize(context: SutureContext): string {
  const app = new App({ outdir: join(folder, context.partition), analyticsReporting: false });
  const policy = automaticPolicy(FEW);
  addStacks(app, { context, remediations: FEW, policy, bundles: bundlesIn(bundles) });
  return app.synth().directory;
}

it.each([
  { partition: 'aws-cn', homeRegion: 'cn-north-1', regions: ['cn-north-1', 'cn-northwest-1'] },
  { partition: 'aws-us-gov', homeRegion: 'us-gov-west-1', regions: ['us-gov-west-1', 'us-gov-east-1'] },
])('$partition', async (place) => {
  const { ipRanges: _, identityCenter: __, ...example } = await readCdkJsonContext();
  const context = parseContext({ ...example, ...place });
  const directory = synthesize(context);
  const sandbox = await startOrganization({ context, members: [MEMBER], directory });
  const suture = new Pipeline({ sandbox, context, synthesized: { directory, reused: false, seconds: 0 } });
  const finding = await suture.arrange('EC2.13');
  expect(finding.Id).toMatch(`arn:${place.partition}:`);
  const [{ execution }] = await suture.process(finding);
  expect(execution).toMatchObject({ status: 'SUCCEEDED' });
  expect(await suture.inbound(finding)).toEqual(['tcp 443 from 0.0.0.0/0']);
  expect(suture.securityHub(finding).status).toBe('NOTIFIED');
  await sandbox.close();
});

it('a failed start leaves no server that would keep the process alive', async () => {
  const open = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
  const before = open();
  const context = await readCdkJsonContext();
  await expect(startOrganization({ context, members: [MEMBER], directory: join(folder, 'missing') })).rejects.toThrow(
    'missing/manifest.json',
  );
  await expect.poll(open).toBe(before);
});
