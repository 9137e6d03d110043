/**
 * How long Suture's own code takes for a finding: event to case, the case at each function's door, and the remediation's
 * run with AWS's answers from memory. The answers are recorded once, from the sandbox. What SDK clients do is not in it.
 */

import type { Scenarios } from '../../functions/contract/scenario.ts';
import { FindingEvent } from '../../functions/domain/finding.ts';
import { Job, RemediationRequest } from '../../functions/domain/job.ts';
import type { Journal, JournalEntry } from '../../functions/ledger/journal.ts';
import { runRemediation } from '../../functions/remediate/engine.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { scenarios } from '../../functions/remediations/scenarios.generated.ts';
import { triage } from '../../functions/triage/decide.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { clientsOn } from '../organization/clients.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { makeFaulty } from '../organization/seed.ts';
import { everything } from '../simulate/policy.ts';

const SECURITY = '111111111111';
const HERE = { partition: 'aws', account: '333333333333', region: 'us-east-1' };
const EXECUTION = `arn:aws:states:us-east-1:${SECURITY}:execution:suture-remediate-finding:${'0'.repeat(73)}`;

export const KNOWN = {
  remediations,
  policy: everything(remediations),
  organization: { securityAccount: SECURITY, homeRegion: 'us-east-1', excluded: [SECURITY], status: 'ACTIVE' },
  today: '2026-11-22',
} as const;

/** Of each remediation, a finding and what AWS answered while it was fixed. */
export type Recorded = { readonly of: Scenarios['of']; readonly finding: ControlFinding; readonly answers: Answers };
type Answer = { readonly output: unknown } | { readonly error: unknown };
/** By the command's name, in order. */
type Answers = ReadonlyMap<string, readonly Answer[]>;

export async function recordAnswers(): Promise<Recorded[]> {
  const sandbox = await createSandbox({
    organization: {
      id: 'o-bench000001',
      managementAccount: '999999999999',
      accounts: ['999999999999', HERE.account].map((id) => ({ id, name: id })),
    },
    homeRegion: HERE.region,
  });
  try {
    const recorded: Recorded[] = [];
    for (const [n, each] of scenarios.entries()) recorded.push(await record(sandbox, each, `recorded-${n}`));
    return recorded;
  } finally {
    await sandbox.close();
  }
}

async function record(sandbox: Sandbox, each: Scenarios, called: string): Promise<Recorded> {
  const control = each.of.handles.controls[0]!;
  const resource = await makeFaulty(sandbox, each, HERE, control, called);
  const at = new Date(sandbox.kernel.clock.now());
  const name = `${control}-5ca1-4b1e-8f1e-000000000000`;
  const finding = controlFinding({ control, ...HERE, resource, name, title: each.of.title, at });
  const answers = new Map<string, Answer[]>();
  const clients = clientsOn(sandbox.administrator(HERE.account, HERE.region), each.of.clients);
  for (const client of Object.values(clients))
    client.middlewareStack.add(
      (next: Next, { commandName = '' }: Told) =>
        async (args: unknown) => {
          const keep = (answer: Answer) => answers.set(commandName, [...(answers.get(commandName) ?? []), answer]);
          try {
            const answer = await next(args);
            keep({ output: answer.output });
            return answer;
          } catch (error) {
            keep({ error });
            throw error;
          }
        },
      FIRST,
    );
  await once({ of: each.of, finding, answers: new Map() }, clients);
  return { of: each.of, finding, answers };
}

type Next = (args: unknown) => Promise<{ output: unknown }>;
type Told = { readonly commandName?: string };
const FIRST = { step: 'initialize', priority: 'high', name: 'recorded' } as const;

/**
 * Milliseconds, a finding each: every remediation in turn, so many times after a warm-up. They are by the clock, for a
 * thread's processor time is told in steps longer than a finding takes; nothing waits meanwhile.
 */
export async function ownTimes(recorded: readonly Recorded[], times: number, warmUp = 20): Promise<number[]> {
  const players = recorded.map((each) => ({ each, player: playing(each) }));
  const measured: number[] = [];
  for (let turn = -warmUp; turn < times; turn++)
    for (const { each, player } of players) {
      const clients = player();
      const before = performance.now();
      await once(each, clients);
      if (turn >= 0) measured.push(performance.now() - before);
    }
  return measured;
}

/** Clients that answer as it was recorded, from the beginning again after each call. */
function playing({ of, answers }: Recorded): () => object {
  let played = new Map<string, number>();
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
  const settings = { endpoint: 'http://127.0.0.1:1', region: HERE.region, credentials, forcePathStyle: true } as const;
  const clients = clientsOn(settings, of.clients);
  for (const client of Object.values(clients))
    client.middlewareStack.add(
      (_next: Next, { commandName = '' }: Told) =>
        async () => ({ output: answerTo(commandName), response: {} }),
      FIRST,
    );
  return () => {
    played = new Map();
    return clients;
  };

  function answerTo(command: string): unknown {
    const nth = played.get(command) ?? 0;
    played.set(command, nth + 1);
    const answer = answers.get(command)![nth]!;
    if ('error' in answer) throw answer.error;
    return answer.output;
  }
}

/** From the event to the verified fix, as the functions do it one after the other. */
async function once({ of, finding }: Recorded, clients: object): Promise<void> {
  const event = FindingEvent.parse(JSON.parse(JSON.stringify(eventOf(finding))));
  const verdict = triage(event, event.detail.findings[0], KNOWN);
  const triaged: Job = { v: 1, execution: EXECUTION, started: finding.UpdatedAt!, ...verdict };
  const { finding: named, work, execution, started } = Job.parse(JSON.parse(JSON.stringify(triaged)));
  if (!work) throw new Error(`The finding of ${of.id} is not remediated: ${verdict.reason}`);
  const request = { v: 1, mode: 'apply', execution, started, finding: named, approved: true, ...pick(work) };
  const outcome = await runRemediation(of, RemediationRequest.parse(JSON.parse(JSON.stringify(request))), {
    journal: journalInMemory(),
    session: async () => clients as Record<string, unknown>,
    now: () => Date.parse(started),
    sleep: async () => {},
  });
  if (outcome.kind !== 'fixed') throw new Error(`The finding of ${of.id} ended ${JSON.stringify(outcome)}`);
  Job.parse(JSON.parse(JSON.stringify({ ...triaged, result: outcome })));
}

const pick = ({ target, params, policy }: NonNullable<Job['work']>) => ({ target, params, policy });

export const eventOf = (finding: object) => ({
  id: 'event',
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: SECURITY,
  region: 'us-east-1',
  detail: { findings: [finding] },
});

function journalInMemory(): Journal {
  let kept: JournalEntry | undefined;
  return {
    newest: async () => kept,
    open: async (entry) => {
      kept = entry;
    },
    mark: async (entry, status, writtenAt) => {
      kept = { ...entry, status, ...(writtenAt !== undefined && { writtenAt }) };
    },
  };
}
