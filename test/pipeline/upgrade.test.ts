/** Upgrades from the last release with findings in flight: in the order of docs/upgrade.md, and with the functions first. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCommand } from '../../cli/commands/list.ts';
import { nextCommand } from '../../cli/commands/next.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { approveChanges } from '../../lab/organization/approve-changes.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { traceOf } from '../../lab/organization/trace.ts';
import {
  deployInOrder,
  MEMBER_ROLE_STACKS,
  matchesStack,
  stacksOf,
  UPGRADE_ORDER,
  withoutRemediation,
} from '../../lab/organization/upgrade.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { iamStateOf } from '../../sandbox/services/iam/state.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { assembly } from '../../stacks/assembly.ts';
import { baselineAssembly } from '../../tools/baseline/baseline.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CLOSE_PORTS = 'ec2/close-admin-ports';
const POLICY = {
  ...TEST_POLICY,
  controls: { 'EC2.7': 'auto', 'EC2.13': 'auto', 'EC2.14': 'observe', 'KMS.4': 'approve' },
};
const ROLES_FIRST = UPGRADE_ORDER.filter((name) => MEMBER_ROLE_STACKS.has(name));
const THE_REST = UPGRADE_ORDER.filter((name) => !MEMBER_ROLE_STACKS.has(name));

let current: string;
let suture: Pipeline;
beforeAll(async () => {
  ({ directory: current } = await assembly());
});

const put = (finding: ControlFinding): string => putFinding(suture.kernel, finding as never).eventId!;
/** Stops the clock meanwhile, which otherwise jumps to the end of the next wait. */
const stillTime = <T>(work: () => Promise<T>): Promise<T> => suture.kernel.clock.during(work);
const listed = async (status: string): Promise<{ findingId: string; reason: string }[]> =>
  JSON.parse(await listCommand({ ...testOperator(suture), status, limit: 100 }));

type Arrival = { readonly finding: ControlFinding; readonly reason: string | undefined };

/**
 * Deploys the stacks, puts a finding after each, and returns it by the stack with the reason for which it waits. No
 * finding fails, because a person would have to replay it.
 */
async function deployWithArrivals(stacks: readonly string[]): Promise<ReadonlyMap<string, Arrival>> {
  const arrivals = new Map<string, Arrival>();
  await deployInOrder(suture, current, stacks, async (stack) => {
    const finding = await suture.arrange('EC2.13');
    put(finding);
    await suture.kernel.clock.advance(20_000);
    const [waiting, failed] = await stillTime(() => Promise.all([listed('waiting'), listed('failed')]));
    expect(failed, stack).toEqual([]);
    arrivals.set(stack, { finding, reason: waiting.find(({ findingId }) => findingId === finding.Id)?.reason });
  });
  return arrivals;
}

const expectAllFixed = async (arrivals: ReadonlyMap<string, Arrival>) => {
  for (const [stack, { finding }] of arrivals) expect(await suture.outcomes(finding), stack).toEqual(['FIXED']);
};

describe('an upgrade from the baseline', () => {
  /** Calls of the member role in one account. */
  const throttling: FaultRule = (call) =>
    call.principal.kind === 'session' && call.principal.role.endsWith('/suture-member') && call.place.account === DATA
      ? throttled(call)
      : undefined;
  const busySecurityHub: FaultRule = (call) => (call.operation === 'BatchUpdateFindings' ? throttled(call) : undefined);

  beforeAll(async () => {
    suture = await startPipeline({ directory: await baselineAssembly() });
    await suture.setPolicy(POLICY);
  });
  afterAll(() => suture.sandbox.close());

  it('begins with the member role, and names every stack', async () => {
    expect(ROLES_FIRST).toEqual(UPGRADE_ORDER.slice(0, ROLES_FIRST.length));
    expect(ROLES_FIRST[0]).toBe('SutureOrgRollout');
    for (const directory of [current, suture.synthesized.directory]) {
      const stacks = await stacksOf(directory);
      expect(stacks.length).toBeGreaterThan(20);
      expect(stacks.filter((name) => !UPGRADE_ORDER.some((pattern) => matchesStack(pattern, name)))).toEqual([]);
    }
  });

  it('loses no finding that is in flight, and undoes what the baseline did', async () => {
    const fixed = await suture.arrange('EC2.13');
    const observed = await suture.arrange('EC2.14');
    const asked = await suture.arrange('KMS.4');
    const before = await suture.process(fixed, observed, asked);
    expect(before.map(({ outcome }) => outcome)).toEqual(['FIXED', 'PLANNED', 'WAITING']);
    const retried = await suture.arrange('EC2.13', { account: DATA });
    const queued = await suture.arrange('EC2.13', { account: TRAINING });
    suture.kernel.faults.push(throttling, busySecurityHub);
    const events = [put(retried), put(queued)];
    await suture.kernel.clock.advance(20_000);
    const traces = () => [retried, queued].map((finding, n) => traceOf(suture.kernel, events[n]!, finding));
    expect(traces().map(({ execution }) => [execution!.status, execution!.path.at(-1)])).toEqual([
      ['RUNNING', 'Remediate'],
      ['RUNNING', 'Archive'],
    ]);

    await deployInOrder(suture, current, ROLES_FIRST);
    const between = await suture.arrange('EC2.13');
    put(between);
    await suture.kernel.clock.advance(20_000);
    expect(await suture.outcomes(between)).toEqual(['FIXED']);
    const arrivals = await deployWithArrivals(THE_REST);
    expect(iamStateOf(suture.kernel, SHOP).roles.get('suture-member')!.tags.get('suture:version')).toBeDefined();
    expect(traces().map(({ execution }) => execution!.status)).toEqual(['RUNNING', 'RUNNING']);
    const { reason } = arrivals.get('SutureSecurity')!;
    expect(reason).toBe(`waits for the upgrade: The remediation ${CLOSE_PORTS} is older than the workflow: not yet.`);
    suture.kernel.faults.splice(0);
    await suture.sandbox.settled();
    await expectAllFixed(arrivals);
    expect(suture.metrics('UnsignedRequests')).toEqual([]);

    expect(await Promise.all([fixed, observed, retried, queued].map((each) => suture.outcomes(each)))).toEqual([
      ['FIXED'],
      ['PLANNED'],
      ['FIXED'],
      ['ARCHIVED'],
    ]);
    expect(await suture.inbound(retried)).not.toContain(SSH);
    expect(suture.securityHub(queued).status).toBe('SUPPRESSED');
    expect((await listed('waiting')).map(({ findingId }) => findingId)).toEqual([asked.Id]);
    const answered = await approveChanges(suture.sandbox, suture.context.securityAccount, [
      { control: 'KMS.4', account: SHOP },
    ]);
    expect(answered).toHaveLength(1);
    await suture.sandbox.settled();
    expect(await suture.outcomes(asked)).toEqual(['FIXED']);

    expect(await suture.journal(CLOSE_PORTS, fixed)).toMatchObject([{ status: 'done' }]);
    const { text } = await rollbackCommand(fixed.Id, { ...testOperator(suture), reason: 'a test' });
    await suture.sandbox.settled();
    expect(JSON.parse(text).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    expect(await suture.inbound(fixed)).toContain(SSH);
    const next = await suture.arrange('EC2.13');
    await suture.process(next);
    expect(await suture.outcomes(next)).toEqual(['FIXED']);
    expect(await listed('failed')).toEqual([]);
  });

  it('fails a rollback at once if the role is too old, because a person waits for it', async () => {
    const fixed = await suture.arrange('EC2.13');
    await suture.process(fixed);
    await deployInOrder(suture, await withoutRemediation(current, CLOSE_PORTS), ROLES_FIRST);
    const start = suture.kernel.clock.now();
    const { text } = await rollbackCommand(fixed.Id, { ...testOperator(suture), reason: 'a test' });
    expect(JSON.parse(text).results).toMatchObject([{ outcome: 'RollbackFailed' }]);
    expect(text).toContain('is older than ec2/close-admin-ports: not yet.');
    expect(suture.kernel.clock.now() - start).toBeLessThan(HOUR);
  });
});

/** Both lack the permissions of one remediation. The baseline's role has no marks, and may not read any. */
const OLDER_ROLES = {
  'without marks': async () => ({ first: await withoutRemediation(await baselineAssembly(), CLOSE_PORTS) }),
  'with the marks of other remediations': async () => ({ first: await withoutRemediation(current, CLOSE_PORTS) }),
};

describe.each(Object.entries(OLDER_ROLES))('functions newer than a role %s', (_, older) => {
  beforeAll(async () => {
    const { first } = await older();
    suture = await startPipeline({ directory: first });
    await suture.setPolicy({ ...POLICY, caps: { perAccountAndHour: 2 }, breaker: { failures: 2, minutes: 30 } });
    await deployInOrder(suture, current, THE_REST);
  });
  afterAll(() => suture.sandbox.close());

  const counted = async (): Promise<number> => {
    const hour = new Date(suture.kernel.clock.now()).toISOString().slice(0, 13);
    const Key = { pk: { S: `counter#${CLOSE_PORTS}#${SHOP}#${hour}` }, sk: { S: 'counter' } };
    const client = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
    const { Item } = await client.send(new GetItemCommand({ TableName: LEDGER_TABLE, Key, ConsistentRead: true }));
    return Number(Item?.started?.N ?? 0);
  };

  it('fix what the role allows, and read no mark unless something is denied', async () => {
    const finding = await suture.arrange('EC2.7');
    const [{ execution }] = await suture.process(finding);
    expect(await suture.outcomes(finding)).toEqual(['FIXED']);
    const operations = suture.callsOf(execution!.arn).map(({ operation }) => operation);
    expect(operations).toContain('AssumeRole');
    expect(operations).not.toContain('ListRoleTags');
  });

  it('make its findings wait, uncounted, until the role is updated', async () => {
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    const observed = await suture.arrange('EC2.14');
    const events = [...findings, observed].map(put);
    await suture.kernel.clock.advance(2 * MINUTE);
    await stillTime(async () => {
      const waiting = await listed('waiting');
      const expected = [...findings, observed].map(({ Id }) => Id);
      expect(waiting.map(({ findingId }) => findingId).sort()).toEqual(expected.sort());
      for (const { reason } of waiting)
        expect(reason).toBe(
          `waits for the member role: The role arn:aws:iam::${SHOP}:role/suture/suture-member in ${SHOP} is older than ${CLOSE_PORTS}: not yet.`,
        );
      expect(await counted()).toBe(0);
      const { text } = await nextCommand({ ...testOperator(suture), json: true });
      expect(JSON.parse(text)).toContainEqual(
        expect.objectContaining({ step: 'member-role-outdated', summary: expect.stringMatching(/^4 wait because/) }),
      );
    });
    await suture.kernel.clock.advance(3 * HOUR);
    await stillTime(async () => {
      expect(await counted()).toBe(0);
      expect(await listed('failed')).toEqual([]);
      expect(await suture.inbound(findings[0]!)).toContain(SSH);
    });

    await deployInOrder(suture, current, ROLES_FIRST);
    await suture.sandbox.settled();
    expect(await Promise.all(findings.map((each) => suture.outcomes(each)))).toEqual([['FIXED'], ['FIXED'], ['FIXED']]);
    expect(await suture.outcomes(observed)).toEqual(['PLANNED']);
    for (const [n, finding] of findings.entries()) {
      expect(await suture.inbound(finding)).not.toContain(SSH);
      expect(traceOf(suture.kernel, events[n]!, finding).execution!.path).toContain('WaitForWindow');
    }
  });
});
