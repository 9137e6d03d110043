/**
 * Measures the time of Suture's own code for a finding: triage, parsing at each function's entry, and the remediation,
 * with AWS's answers from memory. The answers are recorded once in the sandbox. SDK clients do nothing meanwhile.
 */

import { isNamed } from '../../functions/contract/errors.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { FindingEvent } from '../../functions/domain/finding.ts';
import { Job, REQUEST_VERSION, RemediationRequest } from '../../functions/domain/job.ts';
import type { JournalEntry } from '../../functions/domain/journal.ts';
import type { Journal } from '../../functions/ports/journal.ts';
import { runRemediation } from '../../functions/remediate/engine.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { triage } from '../../functions/triage/decide.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { clientsOn } from '../organization/clients.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { makeFaultyResource } from '../organization/make-faulty-resource.ts';
import { scenarioPolicy } from '../simulate/policy.ts';

const SECURITY_ACCOUNT = '111111111111';
const PLACE = { partition: 'aws', account: '333333333333', region: 'us-east-1' };
const EXECUTION = `arn:aws:states:us-east-1:${SECURITY_ACCOUNT}:execution:suture-remediate-finding:${'0'.repeat(73)}`;

export const TRIAGE_INPUT = {
  remediations: REMEDIATIONS,
  policy: scenarioPolicy(SCENARIOS),
  organization: {
    securityAccount: SECURITY_ACCOUNT,
    homeRegion: 'us-east-1',
    excluded: [SECURITY_ACCOUNT],
    status: 'ACTIVE',
  },
  today: '2026-11-22',
} as const;

/** A finding, and AWS's answers to each command while the remediation fixed it. */
export type Recording = {
  readonly remediation: Remediation;
  readonly finding: ControlFinding;
  readonly answers: RecordedAnswers;
};
type RecordedAnswer = { readonly output: unknown } | { readonly error: unknown };
type RecordedAnswers = ReadonlyMap<string, readonly RecordedAnswer[]>;

export async function recordAnswers(): Promise<Recording[]> {
  const sandbox = await createSandbox({
    organization: {
      id: 'o-bench000001',
      managementAccount: '999999999999',
      accounts: ['999999999999', PLACE.account].map((id) => ({ id, name: id })),
    },
    homeRegion: PLACE.region,
  });
  try {
    const recordings: Recording[] = [];
    for (const [n, each] of SCENARIOS.entries()) recordings.push(await recordFix(sandbox, each, `recorded-${n}`));
    return recordings;
  } finally {
    await sandbox.close();
  }
}

async function recordFix(sandbox: Sandbox, scenarios: Scenarios, resourceName: string): Promise<Recording> {
  const { remediation } = scenarios;
  const control = remediation.handles.controls[0]!;
  const resource = await makeFaultyResource(sandbox, scenarios, PLACE, control, resourceName);
  const at = new Date(sandbox.kernel.clock.now());
  const name = `${control}-5ca1-4b1e-8f1e-000000000000`;
  const finding = controlFinding({ control, ...PLACE, resource, name, title: remediation.title, at });
  const answers = new Map<string, RecordedAnswer[]>();
  const clients = clientsOn(sandbox.administrator(PLACE.account, PLACE.region), remediation.clients);
  for (const client of Object.values(clients)) client.middlewareStack.add(recordInto(answers), FIRST_MIDDLEWARE);
  await fix({ remediation, finding }, clients, sandbox.kernel.clock);
  return { remediation, finding, answers };
}

type NextHandler = (args: unknown) => Promise<{ output: unknown }>;
type HandlerContext = { readonly commandName?: string };
const FIRST_MIDDLEWARE = { step: 'initialize', priority: 'high', name: 'recorded' } as const;

const recordInto =
  (answers: Map<string, RecordedAnswer[]>) =>
  (next: NextHandler, { commandName = '' }: HandlerContext) =>
  async (args: unknown) => {
    const add = (answer: RecordedAnswer) => answers.set(commandName, [...(answers.get(commandName) ?? []), answer]);
    try {
      const result = await next(args);
      add({ output: result.output });
      return result;
    } catch (error) {
      add({ error });
      throw error;
    }
  };

/**
 * Returns milliseconds of each finding. Runs every remediation in turn, `times` times after a warm-up. It measures
 * wall-clock time, because a thread's processor time advances in steps longer than a finding; nothing waits meanwhile.
 */
export async function ownTimes(recordings: readonly Recording[], times: number, warmUp = 20): Promise<number[]> {
  const players = recordings.map((recording) => new AnswerPlayer(recording));
  const durationsMs: number[] = [];
  for (let turn = -warmUp; turn < times; turn++)
    for (const player of players) {
      player.rewind();
      const before = performance.now();
      await fix(player.recording, player.clients, jumpingTime(Date.parse(player.recording.finding.UpdatedAt!)));
      if (turn >= 0) durationsMs.push(performance.now() - before);
    }
  return durationsMs;
}

class AnswerPlayer {
  readonly recording: Recording;
  readonly clients: object;
  #counts = new Map<string, number>();

  constructor(recording: Recording) {
    this.recording = recording;
    const settings = {
      endpoint: 'http://127.0.0.1:1',
      region: PLACE.region,
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
      forcePathStyle: true,
    } as const;
    const clients = clientsOn(settings, recording.remediation.clients);
    const play =
      (_next: NextHandler, { commandName = '' }: HandlerContext) =>
      async () => ({ output: this.#nextOutput(commandName), response: {} });
    for (const client of Object.values(clients)) client.middlewareStack.add(play, FIRST_MIDDLEWARE);
    this.clients = clients;
  }

  rewind(): void {
    this.#counts = new Map();
  }

  #nextOutput(command: string): unknown {
    const nth = this.#counts.get(command) ?? 0;
    this.#counts.set(command, nth + 1);
    const answer = this.recording.answers.get(command)?.[nth];
    if (!answer) throw new Error(`${this.recording.remediation.id}: answer ${nth + 1} of ${command} was not recorded.`);
    if ('error' in answer) throw answer.error;
    return answer.output;
  }
}

type Time = { now(): number; sleep(ms: number): Promise<void> };

function jumpingTime(start: number): Time {
  let at = start;
  return {
    now: () => at,
    sleep: async (ms) => {
      at += ms;
    },
  };
}

/** Runs the functions' work in order, from the event to the verified fix. */
async function fix({ remediation, finding }: Omit<Recording, 'answers'>, clients: object, time: Time): Promise<void> {
  const event = FindingEvent.parse(copy(importEventOf(finding)));
  const verdict = triage(event, event.detail.findings[0], TRIAGE_INPUT);
  const triaged: Job = { v: 3, execution: EXECUTION, started: finding.UpdatedAt!, ...verdict };
  const job = Job.parse(copy(triaged));
  if (!job.work) throw new Error(`The finding of ${remediation.id} is not remediated: ${verdict.reason}`);
  const { target, params } = job.work;
  const policy = { mode: 'auto', tags: {} };
  const { execution, started } = job;
  const fields = { execution, started, finding: job.finding, target, params, policy };
  const request = RemediationRequest.parse(copy({ v: REQUEST_VERSION, mode: 'apply', ...fields }));
  const deps = {
    journal: memoryJournal(),
    copies: { keep: async (entry: JournalEntry) => entry, oldest: async () => undefined },
    alert: () => {},
    session: async () => clients as Record<string, unknown>,
    findStack: async () => undefined,
    findWrite: async () => undefined,
    now: () => time.now(),
    sleep: (ms: number) => time.sleep(ms),
  };
  const result = await untilShown(time, () => runRemediation(remediation, request, deps));
  if (result.kind !== 'fixed') throw new Error(`The finding of ${remediation.id} ended ${JSON.stringify(result)}`);
  Job.parse(copy({ ...triaged, result }));
}

const RETRY_MS = 60_000;

/** Tries again while the change does not show yet, as the workflow does. */
async function untilShown<T>(time: Time, run: () => Promise<T>): Promise<T> {
  while (true)
    try {
      return await run();
    } catch (error) {
      if (!isNamed(error, 'ChangePending')) throw error;
      await time.sleep(RETRY_MS);
    }
}

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export const importEventOf = (finding: object) => ({
  id: 'event',
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: SECURITY_ACCOUNT,
  region: 'us-east-1',
  detail: { findings: [finding] },
});

function memoryJournal(): Journal {
  let last: JournalEntry | undefined;
  return {
    entries: async () => (last ? [last] : []),
    put: async (entry) => {
      last = entry;
    },
    mark: async (entry, status, writtenAt) => {
      last = { ...entry, status, ...(writtenAt !== undefined && { writtenAt }) };
    },
  };
}
