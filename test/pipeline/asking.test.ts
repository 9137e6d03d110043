/** A command that asks a person finds out before whether IAM permits what the answer would do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sutureApi } from '../../cli/clients/api.ts';
import { backfillCommand } from '../../cli/commands/backfill.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { eventsReplayCommand } from '../../cli/commands/events/replay.ts';
import { ipRangesApplyCommand } from '../../cli/commands/ip-ranges/apply.ts';
import { pushCommand } from '../../cli/commands/policy/push.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { triageCommand } from '../../cli/commands/triage.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { PERSON_NAMES, type Person } from '../../stacks/constructs/people-permissions.ts';
import { denyRevoke } from '../support/faults.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
let folder: string;
let fixed: ControlFinding;
let failed: ControlFinding;
let waiting: ControlFinding;
const SESSIONS = new Map<Person, ClientSettings>();
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  const signIn = await createPerson(suture, 'ada');
  for (const person of PERSON_NAMES) SESSIONS.set(person, await signIn(person));
  folder = await mkdtemp(join(tmpdir(), 'asking-'));
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto', 'EC2.2': 'approve' } });
  [fixed, failed, waiting] = [
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.2'),
  ];
  await suture.process(fixed, waiting);
  await suture.withFaults([denyRevoke], () => suture.process(failed));
  await putExistingFindings(suture, [await suture.arrange('EC2.13')]);
  suture.putDeadLetter('suture-failures-dlq', {});
  await writeFile(join(folder, 'policy.yaml'), 'version: 1\ncontrols: { EC2.13: approve }\n');
});
afterAll(async () => {
  await suture.sandbox.close();
  await rm(folder, { recursive: true });
});

const options = (settings: ClientSettings) => {
  const shown: string[] = [];
  const show = (text: string) => void shown.push(text);
  return { ...testOperator(suture, settings), reason: 'a trial', yes: false, json: false, show, shown };
};
type Asking = (settings: ClientSettings, given: ReturnType<typeof options>) => Promise<unknown>;
const api = (settings: ClientSettings) => sutureApi(new APIGatewayClient(settings));

const COMMANDS: Readonly<Record<string, readonly [route: string, command: Asking]>> = {
  rollback: ['POST /rollbacks', (_, given) => rollbackCommand(fixed.Id, given)],
  replay: ['POST /replays', (_, given) => replayCommand(failed.Id, given)],
  'dlq redrive': ['POST /redrives', (_, given) => dlqRedriveCommand('suture-failures-dlq', given)],
  'events replay': ['POST /event-replays', (_, given) => eventsReplayCommand({ ...given, from: '1m' })],
  backfill: ['POST /backfills', (_, given) => backfillCommand(given)],
  'policy push': [
    'POST /policies',
    (settings, { yes }) => pushCommand(join(folder, 'policy.yaml'), { yes, client: new AppConfigClient(settings) }),
  ],
  'ip-ranges apply': [
    'POST /ip-ranges/changes',
    async (settings, { yes, show }) => ipRangesApplyCommand({ yes, show, api: await api(settings) }),
  ],
};

describe.each(Object.entries(COMMANDS))('suture %s', (_, [route, command]) => {
  it.each(['viewer', 'approver'] as const)('refuses the %s, before the question', async (person) => {
    const settings = SESSIONS.get(person)!;
    await expect(command(settings, options(settings))).rejects.toMatchObject({
      name: 'Unreachable',
      message: expect.stringMatching(
        new RegExp(`^IAM does not let you use ${route}: .*The role suture-operator may: .* --as operator`),
      ),
    });
  });
  it('asks the operator', async () => {
    const settings = SESSIONS.get('operator')!;
    await expect(command(settings, options(settings))).rejects.toThrow('Standard input is not a terminal');
  });
});

describe('suture triage', () => {
  /** Returns what is shown and offered for each thing, by skipping all. */
  async function offers(person: Person) {
    const given = options(SESSIONS.get(person)!);
    const keys: string[] = [];
    const answer = async (question: string) => {
      keys.push(question.replace(/ {2}> $/, ''));
      return 's';
    };
    await triageCommand({ ...given, answer });
    return { keys, shown: given.shown.join('\n') };
  }
  const OPERATES = /The role suture-operator may: --as operator/;
  const APPROVES = /The role suture-approver may: --as approver/;

  it('offers an operator to replay and to redrive, and says who approves', async () => {
    const { keys, shown } = await offers('operator');
    expect(keys).toEqual([
      '[r]eplay  [e]xempt  [s]kip  [q]uit',
      '[e]xempt  [s]kip  [q]uit',
      '[r]edrive  [s]kip  [q]uit',
    ]);
    expect(shown).toMatch(APPROVES);
    expect(shown).not.toMatch(OPERATES);
  });
  it('offers an approver to approve and to deny, and says who replays', async () => {
    const { keys, shown } = await offers('approver');
    expect(keys).toEqual(['[e]xempt  [s]kip  [q]uit', '[a]pprove  [d]eny  [e]xempt  [s]kip  [q]uit', '[s]kip  [q]uit']);
    expect(shown).toMatch(OPERATES);
    expect(shown).not.toMatch(APPROVES);
  });
  it('offers a viewer neither, and prints only commands that the person may use', async () => {
    const { keys, shown } = await offers('viewer');
    expect(keys.join()).not.toMatch(/eplay|edrive|pprove|eny/);
    expect(shown).toMatch(OPERATES);
    expect(shown).toMatch(APPROVES);
    const { text } = await triageCommand(options(SESSIONS.get('viewer')!));
    expect(text).toMatch(/IAM does not let you replay this\. The role suture-operator may/);
    expect(text).not.toContain(`suture replay ${failed.Id}`);
    expect(text).toContain('suture exempt');
  });
  it('does not offer a person to approve a change that the same person asked for', async () => {
    const settings = SESSIONS.get('operator')!;
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve', 'EC2.2': 'approve' } });
    await replayCommand(failed.Id, { ...options(settings), yes: true, again: true, wait: false });
    await suture.sandbox.settled();
    const { keys, shown } = await offers('approver');
    expect(shown).toContain('You asked for this change, so somebody else must approve it.');
    expect(keys).toContain('[d]eny  [e]xempt  [s]kip  [q]uit');
    expect(keys).toContain('[a]pprove  [d]eny  [e]xempt  [s]kip  [q]uit');
  });
});
