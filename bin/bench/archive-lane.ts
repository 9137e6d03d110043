/**
 * The archive lane in virtual time: the deployed function's own code, between models of what is before and behind it. Arrivals,
 * the queue with its event source mapping, Security Hub and Step Functions with their quotas are modelled; grouping, pace,
 * retries and answers are what runs in AWS.
 */
import type { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { QueueMessage } from '../../functions/contract/case.ts';
import { waitAfter } from '../../functions/finding-updates/again.ts';
import type { Message } from '../../functions/finding-updates/batch.ts';
import { drain } from '../../functions/finding-updates/drain.ts';
import { createPace } from '../../functions/finding-updates/pace.ts';
import { randomness } from '../../sandbox/random.ts';
import { UPDATES } from '../../stacks/constructs/finding-updates.ts';
import { archivedCase } from './archived-case.ts';
import { bucket, HUB, refusal, STATES } from './quotas.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

export type Arrivals = {
  readonly findings: number;
  /** Different notes, each as frequent as the others. */
  readonly notes: number;
  /** Findings a second. */
  readonly rate: number;
  /** The part of the findings of which a second event comes at the same time. */
  readonly duplicates: number;
  /** The part of a call's findings that come back with ConcurrentUpdateError. */
  readonly unprocessed: number;
  /** The part of BatchUpdateFindings' quota that nobody else uses. */
  readonly share: number;
  /** The part of the messages that are Report's updates of remediated findings. */
  readonly reports: number;
  readonly seed: number;
};

export type Archived = {
  /** Virtual seconds from the first arrival until the last finding was archived and its execution ended. */
  readonly seconds: number;
  /** Seconds that the binding quota, or the arrivals, take at least. */
  readonly floor: number;
  readonly calls: number;
  /** ⌈n/100⌉ + groups × drains; of the n updates, those that came back are made once more. */
  readonly callsAllowed: number;
  readonly throttled: number;
  /** Findings that were not archived, and executions that were not answered. */
  readonly lost: number;
};

/** Milliseconds that a call takes. */
const LATENCY = { hub: 80, states: 30, ledger: 10, events: 15 };
/** Bytes of an invocation's payload. */
const PAYLOAD = 6 * 1024 * 1024;
const TIMEOUT = 120_000;
/** Milliseconds between arrivals, and between looks at the queue. */
const TICK = 20;

export function archiveLane(arrivals: Arrivals): Promise<Archived> {
  const time = virtualTime();
  return time.run(() => archiveAll(arrivals, time));
}

async function archiveAll(arrivals: Arrivals, time: VirtualTime): Promise<Archived> {
  const { random } = randomness(arrivals.seed);
  const hub = hubOf(time, random, arrivals);
  const states = statesOf(time);
  const queue = queueOf(time, arrivals, random);
  const ledger = { record: (cases: readonly unknown[]) => time.sleep(LATENCY.ledger * Math.ceil(cases.length / 25)) };
  let finished = 0;
  let callsOfGroups = 0;

  async function instance(): Promise<void> {
    const pace = createPace(time.sleep, time.now, random);
    while (queue.expected.size > 0) {
      const batch = await queue.gather();
      const deadline = time.now() + TIMEOUT;
      const failed = new Set(
        await drain(batch, {
          securityHub: hub.client,
          states: states.client,
          pace,
          timeLeft: () => deadline - time.now(),
          sleep: time.sleep,
          ledger: ledger as never,
          approvals: undefined as never,
          publish: (events) => time.sleep(LATENCY.events * Math.ceil(events.length / 10)),
          count: async () => {},
          now: time.now,
          report: () => {},
        }),
      );
      callsOfGroups += new Set(batch.map(({ body }) => noteOf(body))).size;
      for (const message of batch)
        if (failed.has(message.id)) void queue.again(message);
        else queue.expected.delete(message.id);
      finished = time.now();
    }
  }
  await Promise.all(Array.from({ length: UPDATES.concurrency }, instance));

  const updates = queue.updates.size;
  const archived = [...queue.updates].filter((id) => hub.updated.has(id)).length;
  const answered = [...queue.tokens].filter((token) => states.answered.has(token)).length;
  return {
    seconds: finished / 1000,
    floor: Math.max(
      queue.arriving / 1000,
      overQuota(Math.ceil(updates / 100), HUB.rate * arrivals.share, HUB.burst * arrivals.share),
      overQuota(queue.tokens.size, STATES.rate, STATES.burst),
    ),
    calls: hub.calls(),
    callsAllowed: Math.ceil((updates + hub.returned()) / 100) + callsOfGroups,
    throttled: hub.throttled(),
    lost: updates - archived + (queue.tokens.size - answered),
  };
}

const overQuota = (calls: number, rate: number, burst: number) => Math.max(0, calls - burst) / rate;
const noteOf = (body: QueueMessage) => ('note' in body ? body.note : body.case.note);

/** The messages as they arrive, and what Lambda's event source mapping makes of them. */
function queueOf(time: VirtualTime, { findings, notes, rate, duplicates, reports }: Arrivals, random: () => number) {
  const receives = new Map<string, number>();
  const bytes = new Map<string, number>();
  const expected = new Set<string>();
  const updates = new Set<string>();
  const tokens = new Set<string>();
  let visible: Message[] = [];

  const messageOf = (n: number, copy: number): Message => {
    const made = archivedCase(n, n % notes);
    const token = `${n}-${copy}`.padEnd(700, 'A');
    const body: QueueMessage =
      random() < reports
        ? { kind: 'notify', case: made, note: 'Suture, ec2/close-admin-ports: fixed and verified' }
        : { kind: 'archive', token, case: made };
    const message = { id: `${n}-${copy}`, body };
    // With what SQS and Lambda put around a body.
    bytes.set(message.id, JSON.stringify(body).length + 700);
    expected.add(message.id);
    updates.add(made.finding.id);
    if (body.kind === 'archive') tokens.add(token);
    return message;
  };
  const arriving = Array.from({ length: findings }, (_, n) =>
    random() < duplicates ? [messageOf(n, 0), messageOf(n, 1)] : [messageOf(n, 0)],
  );
  const perTick = Math.ceil((rate * TICK) / 1000);
  void (async () => {
    for (let n = 0; n < findings; n += perTick) {
      visible.push(...arriving.slice(n, n + perTick).flat());
      await time.sleep((perTick / rate) * 1000);
    }
  })();

  return {
    expected,
    updates,
    tokens,
    /** Milliseconds until the last one arrives. */
    arriving: ((findings - perTick) / rate) * 1000,
    /** A batch: what comes within the window of its first message, as much as an invocation takes. */
    async gather(): Promise<Message[]> {
      while (visible.length === 0 && expected.size > 0) await time.sleep(TICK);
      const closes = time.now() + UPDATES.windowSeconds * 1000;
      let left = PAYLOAD;
      const gathered: Message[] = [];
      while (true) {
        const fitting = visible.findIndex((message, n) => {
          left -= bytes.get(message.id)!;
          return left < 0 || gathered.length + n >= UPDATES.batch;
        });
        gathered.push(...(fitting < 0 ? visible : visible.slice(0, fitting)));
        visible = fitting < 0 ? [] : visible.slice(fitting);
        if (fitting >= 0 || time.now() >= closes || expected.size === gathered.length) break;
        await time.sleep(TICK);
      }
      for (const { id } of gathered) receives.set(id, (receives.get(id) ?? 0) + 1);
      return gathered;
    },
    async again(message: Message): Promise<void> {
      await time.sleep(waitAfter(receives.get(message.id)!) * 1000);
      visible.push(message);
    },
  };
}

function hubOf(time: VirtualTime, random: () => number, { share, unprocessed }: Arrivals) {
  const quota = bucket(HUB.rate * share, HUB.burst * share);
  const updated = new Set<string>();
  let calls = 0;
  let throttled = 0;
  let returned = 0;
  const send = async ({ input }: BatchUpdateFindingsCommand) => {
    await time.sleep(LATENCY.hub);
    if (!quota.take(time.now())) {
      throttled++;
      throw refusal('TooManyRequestsException');
    }
    calls++;
    const ids = input.FindingIdentifiers!.map(({ Id }) => Id!);
    if (new Set(ids).size < ids.length || ids.length > 100) throw refusal('InvalidInputException');
    const UnprocessedFindings = [];
    for (const identifier of input.FindingIdentifiers!)
      if (random() < unprocessed)
        UnprocessedFindings.push({
          FindingIdentifier: identifier,
          ErrorCode: 'ConcurrentUpdateError',
          ErrorMessage: '',
        });
      else updated.add(identifier.Id!);
    returned += UnprocessedFindings.length;
    return { ProcessedFindings: [], UnprocessedFindings };
  };
  return {
    client: { send } as unknown as SecurityHubClient,
    updated,
    calls: () => calls,
    throttled: () => throttled,
    returned: () => returned,
  };
}

function statesOf(time: VirtualTime) {
  const quota = bucket(STATES.rate, STATES.burst);
  const answered = new Set<string>();
  const send = async ({ input }: { input: { taskToken: string } }) => {
    await time.sleep(LATENCY.states);
    if (!quota.take(time.now())) throw refusal('ThrottlingException');
    answered.add(input.taskToken);
    return {};
  };
  return { client: { send } as unknown as SFNClient, answered };
}
