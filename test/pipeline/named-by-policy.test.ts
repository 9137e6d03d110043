/**
 * Fixes that create what policy names: a trail for an account that has none, and a flow log that goes to a log group. They
 * are rolled back, so the permissions to pass the role, to create and to delete are all needed.
 */
import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RollbackReport, rollbackCommand } from '../../cli/commands/rollback.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { differenceText, worldDifferences } from '../../lab/laws/world.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { Trace } from '../../lab/organization/trace.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SCENARIOS = {
  'CloudTrail.1': 'it has no trail, and policy names a bucket',
  'EC2.6': 'policy names a log group and a role',
} as const;

let suture: Pipeline;
let shop: ClientSettings;
let beginning: Snapshot;
let traces: readonly Trace[];

beforeAll(async () => {
  suture = await startPipeline();
  shop = suture.sandbox.administrator(SHOP, suture.context.homeRegion);
  const controls = Object.entries(SCENARIOS).map(([control, scenario]) => {
    const { params } = scenariosOf(control).scenarios[scenario]!;
    return [control, { mode: 'auto', params }];
  });
  await suture.setPolicy({ ...TEST_POLICY, controls: Object.fromEntries(controls) });
  const findings: ControlFinding[] = [];
  for (const [control, scenario] of Object.entries(SCENARIOS))
    findings.push(await suture.arrange(control, { scenario }));
  beginning = suture.sandbox.snapshot();
  traces = await suture.process(...findings);
});
afterAll(() => suture.sandbox.close());

const trails = async () => (await new CloudTrailClient(shop).send(new DescribeTrailsCommand({}))).trailList!;
const flowLogs = async () => (await new EC2Client(shop).send(new DescribeFlowLogsCommand({}))).FlowLogs!;

it('creates a trail and a flow log as policy names them', async () => {
  expect(traces.map(({ outcome, reason }) => [outcome, reason])).toEqual(
    Object.keys(SCENARIOS).map(() => ['FIXED', expect.any(String)]),
  );
  expect(await trails()).toMatchObject([
    { S3BucketName: `trails-${SHOP}-${suture.context.homeRegion}`, IsMultiRegionTrail: true },
  ]);
  expect(await flowLogs()).toMatchObject([
    { LogGroupName: 'rejected', DeliverLogsPermissionArn: `arn:aws:iam::${SHOP}:role/flow-logs` },
  ]);
});

it('deletes both in a rollback', async () => {
  const options = { ...testOperator(suture), account: SHOP, reason: 'a test' };
  const { results, problems }: RollbackReport = JSON.parse((await rollbackCommand(undefined, options)).text);
  await suture.sandbox.settled();
  expect(problems).toEqual([]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['ROLLED_BACK', 'ROLLED_BACK']);
  expect([await trails(), await flowLogs()]).toEqual([[], []]);
  const left = worldDifferences(suture.sandbox, beginning, suture.sandbox.snapshot()).filter(
    ({ where, isGenerated }) => where.includes(SHOP) && !isGenerated,
  );
  expect(left.map(differenceText)).toEqual([]);
});
