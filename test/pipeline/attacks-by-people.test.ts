/** Attacks by people with the roles that Suture ships: each test shows what the attacker does not get. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SutureApi, sutureApi } from '../../cli/clients/api.ts';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { eventsReplayCommand } from '../../cli/commands/events/replay.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { policySource } from '../../functions/aws/policy-source.ts';
import { BeginRunReply } from '../../functions/domain/api-runs.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { hash } from '../../functions/domain/trace.ts';
import { deployPolicy } from '../../lab/organization/deploy-policy.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { denyRevoke } from '../support/faults.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const HOUR = 3_600_000;
const APPROVING = { ...TEST_POLICY, suppressions: [], controls: { 'EC2.13': 'approve' } };

let suture: Pipeline;
let mallory: (person: Person) => Promise<ClientSettings>;
let grace: (person: Person) => Promise<ClientSettings>;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  mallory = await createPerson(suture, 'mallory');
  grace = await createPerson(suture, 'grace');
  for (const [name, value] of Object.entries({ APPLICATION: 'suture', ENVIRONMENT: 'live', PROFILE: 'policy' }))
    vi.stubEnv(`POLICY_${name}`, value);
});
afterAll(() => suture.sandbox.close());
beforeEach(() => suture.setPolicy(APPROVING));

const apiOf = async (person: Person): Promise<SutureApi> => sutureApi(new APIGatewayClient(await mallory(person)));
const approvalsOf = async (who: typeof mallory) => approvalApi(new APIGatewayClient(await who('approver')));
const operating = async () => ({ ...testOperator(suture, await mallory('operator')), reason: 'a trial' });
const livePolicy = () => policySource(new AppConfigDataClient(suture.securityAdministrator())).read();

/** The only change that waits for this finding. */
async function waitingOn({ Resources: [resource] }: ControlFinding) {
  const waiting = (await (await approvalsOf(mallory)).list()).filter(({ resource: id }) => id === resource!.Id);
  expect(waiting).toHaveLength(1);
  return waiting[0]!;
}

describe('a person with two roles who', () => {
  /** Only another person's approval makes the change. */
  async function expectOthersToApprove(finding: ControlFinding): Promise<void> {
    const { id } = await waitingOn(finding);
    await expect((await approvalsOf(mallory)).answer(id, { answer: 'approve' })).rejects.toThrow(
      /suture-operator\/mallory asked for this change. Somebody else must approve it/,
    );
    expect(await suture.inbound(finding)).toContain(SSH);
    await (await approvalsOf(grace)).answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
    expect(await suture.inbound(finding)).not.toContain(SSH);
  }

  it('continues a failed execution after its approval has ended cannot approve it', async () => {
    const finding = await suture.arrange('EC2.13');
    const [{ execution }] = await suture.process(finding);
    await suture.withFaults([denyRevoke], async () => {
      await (await approvalsOf(grace)).answer(hash(execution!.arn), { answer: 'approve' });
      await suture.sandbox.settled();
    });
    expect(suture.execution(execution!.arn)).toMatchObject({ status: 'FAILED', error: 'MemberAccessDenied' });
    await suture.kernel.clock.advance(25 * HOUR);
    const { text } = await replayCommand(finding.Id, { ...(await operating()), wait: false });
    expect(JSON.parse(text).plan).toMatchObject([{ how: 'redrive' }]);
    await suture.sandbox.settled();
    await expectOthersToApprove(finding);
  });

  it('redrives a dead letter cannot approve its change', async () => {
    const finding = await suture.arrange('EC2.13');
    const { securityAccount: account, homeRegion: region } = suture.context;
    suture.putDeadLetter('suture-finding-events-dlq', {
      ...{ id: suture.kernel.uuid(), source: 'aws.securityhub', account, region, resources: [] },
      ...{ 'detail-type': 'Security Hub Findings - Imported', time: new Date(suture.kernel.clock.now()).toISOString() },
      detail: { findings: [finding] },
    });
    await dlqRedriveCommand('suture-finding-events-dlq', await operating());
    await suture.sandbox.settled();
    await expectOthersToApprove(finding);
  });

  it('replays archived events cannot approve their changes', async () => {
    const finding = await suture.arrange('EC2.13');
    await putExistingFindings(suture, [finding]);
    await eventsReplayCommand({ ...(await operating()), from: '1h' });
    await suture.sandbox.settled();
    await expectOthersToApprove(finding);
  });
});

describe('an operator', () => {
  const begin = async (api: SutureApi) =>
    BeginRunReply.parse(
      await api.call('begin replays', { body: { reason: 'a trial', selection: { trial: suture.kernel.uuid() } } }),
    );

  it("can neither use nor end another operator's run", async () => {
    const own = await sutureApi(new APIGatewayClient(await grace('operator')));
    const { run, startedAt } = await begin(own);
    const api = await apiOf('operator');
    const item = { startedAt, finding: 'any', how: 'start', options: {} };
    const parameters = { run };
    await expect(api.call('do replays', { parameters, body: item })).rejects.toThrow(/grace began the run/);
    const end = { startedAt, counts: {} };
    await expect(api.call('end replays', { parameters, body: end })).rejects.toThrow(/grace began the run/);
    await own.call('end replays', { parameters, body: end });
  });

  it('cannot exceed a cap with an option of a replay', async () => {
    const api = await apiOf('operator');
    const { run, startedAt } = await begin(api);
    const item = { startedAt, finding: 'any', how: 'start', options: { overCaps: true } };
    await expect(api.call('do replays', { parameters: { run }, body: item })).rejects.toThrow('overCaps');
  });

  it('cannot exceed a cap with the start option of an earlier version', async () => {
    await suture.setPolicy({ ...TEST_POLICY, suppressions: [], caps: { perAccountAndHour: 1 } });
    await suture.advanceToNextHour();
    const [used, finding] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await suture.process(used);
    const { securityAccount: account, homeRegion: region } = suture.context;
    const hour = suture.kernel.clock.now();
    const [execution] = await suture.start({
      ...{ id: suture.kernel.uuid(), source: 'aws.securityhub', account, region, resources: [] },
      ...{ 'detail-type': 'Security Hub Findings - Imported', time: new Date(hour).toISOString() },
      ...{ detail: { findings: [finding] }, startOptions: { overCaps: true } },
    });
    expect(execution!.path).toContain('WaitForWindow');
    expect(suture.kernel.clock.now() - hour).toBeGreaterThan(HOUR / 2);
  });

  const figures = {
    caps: { perAccountAndHour: 10_001, perRemediationAndHour: 100_001, executionsPerHour: 2_000_001 },
    breaker: { failures: 1001, minutes: 1441 },
  };
  const beyond = Object.entries(figures).flatMap(([part, values]) =>
    Object.entries(values).map(([name, value]) => [`${part}.${name}`, { [part]: { [name]: value } }] as const),
  );
  it.each(beyond)('cannot propose a policy beyond the upper bound of %s', async (name, part) => {
    const body = { policy: { ...APPROVING, ...part }, after: null };
    await expect((await apiOf('operator')).call('addPolicy', { body })).rejects.toThrow(`policy.${name}`);
  });
  it.each(beyond)('cannot deploy a policy beyond the upper bound of %s past the API', async (_, part) => {
    const now = () => suture.kernel.clock.now();
    await expect(deployPolicy(suture.securityAdministrator(), { ...APPROVING, ...part }, now)).rejects.toThrow(
      /must be at most/,
    );
    expect((await livePolicy()).caps).toEqual(SuturePolicy.parse(APPROVING).caps);
  });

  it('cannot hide a second suppression or window under the id of another', async () => {
    const [bastion] = TEST_POLICY.suppressions;
    const night = { id: 'night', from: '22:00', to: '04:00' };
    const live = { ...APPROVING, suppressions: [bastion!], windows: [night] };
    await suture.setPolicy(live);
    const store = await policyStore(new AppConfigClient(await mallory('operator')));
    for (const more of [
      { suppressions: [bastion, { ...bastion, criteria: { control: { prefix: 'EC2' } } }] },
      { windows: [night, { ...night, from: '00:00', to: '23:59' }] },
    ]) {
      const version = await store.add(SuturePolicy.parse({ ...live, ...more }), await store.latestVersion());
      await expect(store.deploy(version, () => {})).rejects.toThrow(/AppConfig refused version/);
    }
    expect((await livePolicy()).suppressions).toHaveLength(1);
  });
});
