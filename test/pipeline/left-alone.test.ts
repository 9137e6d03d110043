/** Findings that failed, and that policy leaves alone afterwards. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ReplayReport, replayCommand } from '../../cli/commands/replay.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { deployPolicy } from '../../lab/organization/deploy-policy.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { runDirectory } from '../../lab/organization/ready.ts';
import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import { denyRevoke } from '../support/faults.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
let finding: ControlFinding;
let operator: ReturnType<typeof testOperator>;
const CRITERIA = { control: 'EC2.13', account: SHOP };
const EXEMPTION = {
  id: 'by-hand',
  reason: 'fixed by hand',
  owner: 'team-a',
  expires: '2099-12-31',
  criteria: CRITERIA,
};
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  operator = testOperator(suture, await (await createPerson(suture, 'ada'))('operator'));
  finding = await suture.arrange('EC2.13');
  await suture.withFaults([denyRevoke], () => suture.process(finding));
  await suture.setPolicy({ ...TEST_POLICY, exemptions: [EXEMPTION] });
  await suture.kernel.clock.advance(60_000);
});
afterAll(() => suture.sandbox.close());

const shown = () => showCommand(finding.Id, { ...operator, json: false });

it('is left alone by a replay while policy excludes its account', async () => {
  const other = await suture.arrange('EC2.13', { account: DATA });
  await suture.withFaults([denyRevoke], () => suture.process(other));
  await suture.setPolicy({ ...TEST_POLICY, exemptions: [EXEMPTION], excludedAccounts: [DATA] });
  await suture.kernel.clock.advance(60_000);
  const { text } = await replayCommand(other.Id, { ...operator, reason: 'it is excluded' });
  const { plan, results }: ReplayReport = JSON.parse(text);
  expect(plan).toMatchObject([
    { how: 'start', why: `triage decides again. Policy excludes account ${DATA} now (excludedAccounts: ["${DATA}"])` },
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['IGNORED']);
  await suture.sandbox.settled();
  const { findings } = JSON.parse((await statusCommand(operator)).text);
  expect(findings.FAILED).toBe(1);
});

it('is left alone by a replay while its account is suspended', async () => {
  await suture.setPolicy({ ...TEST_POLICY, exemptions: [EXEMPTION] });
  await suture.kernel.clock.advance(60_000);
  const other = await suture.arrange('EC2.13', { account: DATA });
  await suture.withFaults([denyRevoke], () => suture.process(other));
  const account = organizationState(suture.kernel).accounts.get(DATA)!;
  account.status = 'SUSPENDED';
  await runDirectory(suture);
  // Triage looks an account up every five minutes.
  await suture.kernel.clock.advance(5 * 60_000);
  const { text } = await replayCommand(other.Id, { ...operator, reason: 'it is suspended' });
  const { plan, results }: ReplayReport = JSON.parse(text);
  expect(plan).toMatchObject([{ how: 'start', why: `triage decides again. Account ${DATA} is SUSPENDED now` }]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['IGNORED']);
  await suture.sandbox.settled();
  const { findings } = JSON.parse((await statusCommand(operator)).text);
  expect(findings.FAILED).toBe(1);
  account.status = 'ACTIVE';
});

it('is left alone by a replay, which show names', async () => {
  expect(await shown()).toMatch(/Next: when the cause is gone, or policy exempts it, .* replay /);
  const { text, failed } = await replayCommand(finding.Id, { ...operator, reason: 'it is exempt' });
  const { plan, results }: ReplayReport = JSON.parse(text);
  expect(plan).toMatchObject([{ how: 'start', why: expect.stringContaining('by by-hand: fixed by hand') }]);
  expect({ failed, outcomes: results.map(({ outcome }) => outcome) }).toEqual({ failed: false, outcomes: ['IGNORED'] });
  await suture.sandbox.settled();
  expect(await shown()).toContain('Left alone');
  const { findings } = JSON.parse((await statusCommand(operator)).text);
  expect(findings.FAILED).toBe(0);
});

it.each([
  ['exempts', { ...TEST_POLICY, exemptions: [EXEMPTION] }],
  ['excludes the account of', { ...TEST_POLICY, excludedAccounts: [SHOP] }],
])('is left alone by a replay at once after a push that %s it', async (_, policy) => {
  await suture.setPolicy(TEST_POLICY);
  const other = await suture.arrange('EC2.13', { account: SHOP });
  await suture.withFaults([denyRevoke], async () => {
    await suture.process(other);
    // Every function has the old policy now, the API too.
    await replayCommand(other.Id, { ...operator, reason: 'before the push' });
    await suture.sandbox.settled();
  });
  await deployPolicy(suture.securityAdministrator(), policy, () => suture.kernel.clock.now());
  const { text, failed } = await replayCommand(other.Id, { ...operator, reason: 'at once after the push' });
  const { plan, results, problems }: ReplayReport = JSON.parse(text);
  expect(plan).toMatchObject([{ error: 'MemberAccessDenied', how: 'start' }]);
  expect(problems).toEqual([]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['IGNORED']);
  expect(failed).toBe(false);
});

it('is changed by a replay at once after a push that permits it', async () => {
  await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.13': 'off' } });
  const other = await suture.arrange('EC2.13', { account: SHOP });
  await suture.process(other);
  await deployPolicy(suture.securityAdministrator(), TEST_POLICY, () => suture.kernel.clock.now());
  const { text } = await replayCommand(other.Id, { ...operator, reason: 'policy permits it', again: true });
  const { results }: ReplayReport = JSON.parse(text);
  expect(results.map(({ outcome }) => outcome)).toEqual(['FIXED']);
});
