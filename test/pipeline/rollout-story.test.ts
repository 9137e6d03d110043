/** Suture is installed in an organization with two thousand findings. It observes, then fixes in waves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../cli/clients/status-report.ts';
import { type BackfillReport, backfillCommand } from '../../cli/commands/backfill.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { limitInstances } from '../../sandbox/runtime/pool.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const ALL = 2000;
/** Findings that a remediation handles. */
const HANDLED = 160;
/** Open groups in the accounts of the two waves. */
const IN_SHOP = 20;
const IN_DATA = 10;
const SUPPRESSED = 60;

let suture: Pipeline;
const FINDINGS = {} as Record<'shop' | 'data' | 'suppressed' | 'exempt' | 'unhandled', ControlFinding[]>;
const all = () => Object.values(FINDINGS).flat();

const EXEMPT = {
  id: 'legacy',
  reason: 'The legacy network is being taken down',
  owner: 'network-team',
  expires: '2099-12-31',
  criteria: { control: 'EC2.13', resource: { prefix: 'arn:aws:ec2:us-east-1:666666666666:security-group/' } },
};
const policyWith = (rule: unknown) => ({ ...TEST_POLICY, controls: { 'EC2.13': rule }, exemptions: [EXEMPT] });
const OBSERVE = policyWith('observe');
const FIRST_WAVE = policyWith({ mode: 'observe', accounts: { [SHOP]: 'auto' } });
const SECOND_WAVE = policyWith('auto');

beforeAll(async () => {
  suture = await startPipeline();
  limitInstances(suture.kernel, 48, 2);
  await suture.setPolicy(OBSERVE);
  const open = async (account: string, count: number) => {
    const results: ControlFinding[] = [];
    for (let n = 0; n < count; n++) results.push(await suture.arrange('EC2.13', { account }));
    return results;
  };
  FINDINGS.shop = await open(SHOP, IN_SHOP);
  FINDINGS.data = await open(DATA, IN_DATA);
  const [training] = await open(TRAINING, 1);
  FINDINGS.suppressed = Array.from({ length: SUPPRESSED }, () =>
    suture.finding('EC2.13', training!.Resources[0]!, { account: TRAINING }),
  );
  const legacy = { Type: 'AwsEc2SecurityGroup', Id: `${EXEMPT.criteria.resource.prefix}sg-00000000000000000` };
  FINDINGS.exempt = Array.from({ length: HANDLED - IN_SHOP - IN_DATA - SUPPRESSED }, () =>
    suture.finding('EC2.13', legacy, { account: ACQUIRED }),
  );
  const lambda = { Type: 'AwsLambdaFunction', Id: `arn:aws:lambda:us-east-1:${SHOP}:function:report` };
  FINDINGS.unhandled = Array.from({ length: ALL - HANDLED }, () => suture.finding('Lambda.2', lambda));
  await putExistingFindings(suture, all());
});
afterAll(() => suture.sandbox.close());

const STORY_TIMEOUT_MS = 120_000;
const operator = () => testOperator(suture);
const backfill = async (options: object): Promise<BackfillReport> => {
  const { text } = await backfillCommand({ ...operator(), reason: 'going live', rate: 100, ...options });
  await suture.sandbox.settled();
  return JSON.parse(text);
};
const list = async (status: string): Promise<LedgerListItem[]> =>
  JSON.parse(await listCommand({ ...operator(), status, limit: 10_000 }));
const ids = (items: readonly (LedgerListItem | ControlFinding)[]) =>
  items.map((each) => ('findingId' in each ? each.findingId : each.Id)).sort();
const status = async (): Promise<StatusReport> => JSON.parse((await statusCommand(operator())).text);
const writes = () =>
  suture.kernel.calls.filter(
    ({ sourceIdentity, operation }) => sourceIdentity && /^(Authorize|Revoke|Modify|Put|Create|Delete)/.test(operation),
  );
const expectGroups = async (state: 'open' | 'closed', expected: readonly ControlFinding[]) => {
  const rules = state === 'open' ? [SSH, HTTPS].sort() : [HTTPS];
  for (const finding of expected) expect(await suture.inbound(finding)).toEqual(rules);
};

describe('two thousand existing findings', () => {
  it('are left alone until a backfill', async () => {
    expect((await status()).findings).toMatchObject({ OPEN: 0, FIXED: 0, PLANNED: 0, FAILED: 0 });
  });

  it(
    'are observed: read in pages within the quota, planned and recorded, without a write',
    async () => {
      const before = suture.kernel.calls.length;
      const report = await backfill({});
      expect(report).toMatchObject({ counts: { 'EC2.13': HANDLED }, started: HANDLED, problems: [] });
      const reads = suture.kernel.calls.slice(before).filter(({ operation }) => operation === 'GetFindings');
      expect(reads.filter(({ error }) => error)).toEqual([]);
      const [ofApi, pages] = [true, false].map((isApi) =>
        reads.filter(({ role }) => role?.endsWith('/suture-api') === isApi),
      );
      expect(pages).toHaveLength(Math.ceil(ALL / 100));
      expect(ofApi).toHaveLength(Math.ceil(HANDLED / 20));

      expect(ids(await list('planned'))).toEqual(ids([...FINDINGS.shop, ...FINDINGS.data]));
      expect(await list('ignored')).toHaveLength(HANDLED - IN_SHOP - IN_DATA);
      expect(writes()).toEqual([]);
      expect(new Set(all().map((finding) => suture.securityHub(finding).status))).toEqual(new Set(['NEW']));
    },
    STORY_TIMEOUT_MS,
  );

  it('are only planned while policy observes, even with --apply', async () => {
    expect((await backfill({ account: DATA, apply: true })).started).toBe(IN_DATA);
    expect(ids(await list('planned'))).toEqual(ids([...FINDINGS.shop, ...FINDINGS.data]));
    expect(writes()).toEqual([]);
  });

  it(
    'are fixed in the first wave only in the accounts that policy names',
    async () => {
      await suture.setPolicy(FIRST_WAVE);
      const { started } = await backfill({ control: 'EC2.13', account: SHOP, apply: true });
      expect(started).toBe(IN_SHOP);
      expect(ids(await list('fixed'))).toEqual(ids(FINDINGS.shop));
      await expectGroups('closed', FINDINGS.shop);
      await expectGroups('open', FINDINGS.data);
    },
    STORY_TIMEOUT_MS,
  );

  it(
    'are fixed and archived in the second wave, and the changes are those that were observed',
    async () => {
      await suture.setPolicy(SECOND_WAVE);
      await backfill({ account: DATA, apply: true });
      await backfill({ account: TRAINING, apply: true });
      expect(ids(await list('fixed'))).toEqual(ids([...FINDINGS.shop, ...FINDINGS.data]));
      expect(ids(await list('archived'))).toEqual(ids(FINDINGS.suppressed));
      await expectGroups('closed', FINDINGS.data);
      const changed = new Set(writes().map(({ account }) => account));
      expect(changed).toEqual(new Set([SHOP, DATA]));
      const report = await status();
      expect(report.findings).toMatchObject({ OPEN: 0, WAITING: 0, FAILED: 0, PLANNED: 0, FIXED: IN_SHOP + IN_DATA });
      expect(report.attention).toEqual([]);
    },
    STORY_TIMEOUT_MS,
  );
});
