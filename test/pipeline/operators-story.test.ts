/**
 * A night on call: of two hundred findings, twelve failed for three different reasons. The operator finds the causes,
 * fixes them, replays the findings, has five changes approved, and rolls back one.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { GetPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import type { StatusReport } from '../../cli/clients/status-report.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { type ReplayReport, replayCommand } from '../../cli/commands/replay.ts';
import { type RollbackReport, rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { limitInstances } from '../../sandbox/runtime/pool.ts';
import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import { attachScp } from '../../sandbox/services/organizations/set-up.ts';
import { testOperator } from '../support/operator.ts';
import { createPersonRole } from '../support/people.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';
import { moveAccount } from '../support/rollout.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const CAP = 36;
const POLICY = {
  ...TEST_POLICY,
  controls: { 'EC2.13': 'auto', 'EC2.14': 'observe', 'S3.8': 'approve' },
  caps: { perAccountAndHour: CAP },
};

let suture: Pipeline;
const FINDINGS = {} as Record<
  'inShop' | 'denied' | 'withoutRole' | 'waiting' | 'observed' | 'suppressed' | 'off',
  ControlFinding[]
>;

const repeat = async (
  count: number,
  create: () => ControlFinding | Promise<ControlFinding>,
): Promise<ControlFinding[]> => {
  const results: ControlFinding[] = [];
  for (let n = 0; n < count; n++) results.push(await create());
  return results;
};

beforeAll(async () => {
  suture = await startPipeline();
  limitInstances(suture.kernel, 48, 2);
  await suture.setPolicy(POLICY);
  deny('ec2:RevokeSecurityGroupIngress', DATA);
  const one = async (control: string, account: string) => {
    const { Resources } = await suture.arrange(control, { account });
    return suture.finding(control, Resources[0]!, { account });
  };
  FINDINGS.inShop = await repeat(CAP + 4, () => one('EC2.13', SHOP));
  FINDINGS.denied = await repeat(4, () => one('EC2.13', DATA));
  FINDINGS.withoutRole = await repeat(4, () => one('EC2.13', ACQUIRED));
  FINDINGS.waiting = await repeat(5, () => one('S3.8', SHOP));
  FINDINGS.observed = await repeat(7, () => one('EC2.14', DATA));
  const suppressed = (await one('EC2.13', TRAINING)).Resources[0]!;
  FINDINGS.suppressed = await repeat(70, () => suture.finding('EC2.13', suppressed, { account: TRAINING }));
  const account = { Type: 'AwsAccount', Id: `AWS::::Account:${SHOP}` };
  FINDINGS.off = await repeat(70, () => suture.finding('S3.1', account));
  await suture.process(...Object.values(FINDINGS).flat());
});
afterAll(() => suture.sandbox.close());

/** Somebody forgot to remove this service control policy. */
function deny(Action: string, account: string): void {
  attachScp(suture.kernel, account, { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action, Resource: '*' }] });
}
function allowAgain(account: string): void {
  const { attached } = organizationState(suture.kernel);
  attached.set(account, attached.get(account)!.slice(0, -1));
}

const operator = () => testOperator(suture);
const status = async () => {
  const { text, failed } = await statusCommand(operator());
  return { report: JSON.parse(text) as StatusReport, failed };
};
const list = async (options: object): Promise<LedgerListItem[]> =>
  JSON.parse(await listCommand({ ...operator(), ...options }));
const replay = async (error: string, reason: string): Promise<ReplayReport> => {
  const { text } = await replayCommand(undefined, { ...operator(), failed: true, error, reason });
  await suture.sandbox.settled();
  return JSON.parse(text);
};
const outcomes = ({ results }: Pick<ReplayReport, 'results'>) => results.map(({ outcome }) => outcome);
const FIXED_COUNT = CAP + 4 + 4 + 4 - 1 + 5;

describe('two hundred findings', () => {
  it('are all accounted for: eight failed, five wait, and the status asks for a person', async () => {
    expect(Object.values(FINDINGS).flat()).toHaveLength(200);
    const { report, failed } = await status();
    expect(failed).toBe(true);
    expect(report.findings).toMatchObject({ FAILED: 8, WAITING: 5, FIXED: CAP + 4, PLANNED: 7, ARCHIVED: 70, OPEN: 0 });
    expect(report.errors).toEqual({ MemberAccessDenied: 4, MemberRoleUnavailable: 4 });
    expect(report.attention).toEqual(expect.arrayContaining([expect.stringContaining('8 failed')]));
    expect(report.groups).toContainEqual(
      expect.objectContaining({ control: 'EC2.13', account: SHOP, failed: 0, fixed: CAP + 4 }),
    );
  });

  it.each([
    ['MemberAccessDenied', 'service control policy'],
    ['MemberRoleUnavailable', "deploy the member role's stack"],
  ])('show the cause of %s', async (error, cause) => {
    const failed = await list({ status: 'failed', error });
    expect(failed).toHaveLength(4);
    expect(await showCommand(failed[0]!.findingId, { ...operator(), json: false })).toContain(cause);
  });

  it('are replayed after their causes are fixed', async () => {
    allowAgain(DATA);
    expect(outcomes(await replay('MemberAccessDenied', 'the freeze is lifted'))).toEqual(Array(4).fill('FIXED'));
    await moveAccount(suture, ACQUIRED);
    expect(outcomes(await replay('MemberRoleUnavailable', 'the role is there'))).toEqual(Array(4).fill('FIXED'));
  });

  it('are approved by another person if they wait', async () => {
    const approver = await createPersonRole(suture, 'Approver', [
      { Action: ['apigateway:GET', 'execute-api:Invoke'], Resource: '*' },
    ]);
    const grace = await approvalApi(new APIGatewayClient(await approver('grace')));
    const waiting = await grace.list();
    expect(waiting).toHaveLength(5);
    for (const { id } of waiting) await grace.answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
  });

  it('are rolled back if a fix was wrong', async () => {
    const { text } = await rollbackCommand(FINDINGS.inShop[0]!.Id, {
      ...operator(),
      reason: 'it broke the deployment',
    });
    await suture.sandbox.settled();
    expect(outcomes(JSON.parse(text) as RollbackReport)).toEqual(['ROLLED_BACK']);
  });

  it('have the actual state in the ledger at the end', async () => {
    const { report, failed } = await status();
    expect(report.attention.filter((line) => !line.startsWith('alarms ring'))).toEqual([]);
    expect(failed).toBe(report.alarms.length > 0);
    expect(report.findings).toMatchObject({
      FAILED: 0,
      WAITING: 0,
      OPEN: 0,
      FIXED: FIXED_COUNT,
      ROLLED_BACK: 1,
      PLANNED: 7,
      ARCHIVED: 70,
    });
    expect([report.fixes, report.undone]).toEqual([FIXED_COUNT, 1]);
    expect(report.p95).toBeGreaterThanOrEqual(report.p50!);

    const fixed = new Set((await list({ status: 'fixed', limit: 1000 })).map(({ findingId }) => findingId));
    const rolledBack = (await list({ status: 'rolled-back' })).map(({ findingId }) => findingId);
    expect(rolledBack).toEqual([FINDINGS.inShop[0]!.Id]);
    for (const finding of [...FINDINGS.inShop, ...FINDINGS.denied, ...FINDINGS.withoutRole])
      expect((await suture.inbound(finding)).includes(SSH)).toBe(!fixed.has(finding.Id));
    expect(await suture.inbound(FINDINGS.inShop[0]!)).toEqual([SSH, HTTPS].sort());
    for (const finding of FINDINGS.waiting) expect(await isBlocked(finding)).toBe(fixed.has(finding.Id));
    for (const finding of FINDINGS.observed) expect(fixed.has(finding.Id)).toBe(false);
    for (const finding of FINDINGS.suppressed) expect(suture.securityHub(finding).status).toBe('SUPPRESSED');
    expect(await suture.inbound(FINDINGS.suppressed[0]!)).toContain(SSH);
    for (const finding of FINDINGS.off) expect(suture.securityHub(finding).status).toBe('NEW');
  });
});

async function isBlocked({ AwsAccountId, Resources }: ControlFinding): Promise<boolean> {
  const Bucket = Resources[0]!.Id.split(':').at(-1)!;
  const s3 = new S3Client({ ...suture.sandbox.administrator(AwsAccountId), forcePathStyle: true });
  const output = await s3.send(new GetPublicAccessBlockCommand({ Bucket })).catch(() => undefined);
  return Object.values(output?.PublicAccessBlockConfiguration ?? { none: false }).every(Boolean);
}
