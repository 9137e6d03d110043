/**
 * The archive lane in virtual time: the deployed function's own code, between models of what is before and behind it. Arrivals,
 * the queue with its event source mapping, Security Hub and Step Functions with their quotas are modelled; turns, grouping,
 * pace, retries and answers are what runs in AWS.
 */
import type { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { QueueMessage } from '../../functions/domain/job.ts';
import { type Inbox, MOST, waitAfter } from '../../functions/finding-updates/inbox.ts';
import type { InboxMessage } from '../../functions/finding-updates/message.ts';
import { createPace } from '../../functions/finding-updates/pace.ts';
import { takeTurn } from '../../functions/finding-updates/turn.ts';
import type { RunLease } from '../../functions/ledger/run-lease.ts';
import { randomness } from '../../sandbox/kernel/random.ts';
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
  /**
   * ⌈n/100⌉ + groups × drains, where an update that came back counts again, and calls that only repeat what came back are
   * added. A drain is an invocation that drained.
   */
  readonly callsAllowed: number;
  readonly throttled: number;
  /** Findings that were not archived, and executions that were not answered. */
  readonly lost: number;
};

/** Milliseconds that a call takes. */
const LATENCY = { hub: 80, states: 30, ledger: 10, events: 15, queue: 15 };
/** Milliseconds between arrivals, and between looks at the queue. */
const TICK = 20;
/** As the function receives: milliseconds that an empty queue is waited for. */
const QUIET = 1_000;

export function archiveLane(arrivals: Arrivals): Promise<Archived> {
  const time = virtualTime();
  return time.run(() => archiveAll(arrivals, time));
}

async function archiveAll(arrivals: Arrivals, time: VirtualTime): Promise<Archived> {
  const { random } = randomness(arrivals.seed);
  const hub = hubOf(time, random, arrivals);
  const states = statesOf(time);
  const queue = queueOf(time, arrivals, random);
  const lease = leaseOf(time);
  const ledger = { record: (cases: readonly unknown[]) => time.sleep(LATENCY.ledger * Math.ceil(cases.length / 25)) };
  const drained = new Set<string>();
  let invocations = 0;

  /** What Lambda invokes with what the queue has, one invocation after the other. */
  async function instance(): Promise<void> {
    const pace = createPace(time.sleep, time.now, random);
    while (queue.expected.size > 0) {
      const first = queue.take(UPDATES.batch);
      if (first.length === 0) {
        await time.sleep(TICK);
        continue;
      }
      const run = String(invocations++);
      const deadline = time.now() + UPDATES.timeoutSeconds * 1000;
      await takeTurn(first, {
        inbox: queue.inbox((messages) => messages.length > 0 && drained.add(run)),
        lease,
        run,
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
        random,
        report: () => {},
      });
    }
  }
  await Promise.all(Array.from({ length: UPDATES.concurrency }, instance));

  const updates = queue.updates.size;
  const archived = [...queue.updates].filter((id) => hub.updated.has(id)).length;
  const answered = [...queue.tokens].filter((token) => states.answered.has(token)).length;
  return {
    seconds: queue.finished() / 1000,
    floor: Math.max(
      queue.arriving / 1000,
      overQuota(Math.ceil(updates / 100), HUB.rate * arrivals.share, HUB.burst * arrivals.share),
      overQuota(queue.tokens.size, STATES.rate, STATES.burst),
    ),
    calls: hub.calls(),
    callsAllowed:
      Math.ceil((queue.asked.size + hub.returned()) / 100) + queue.groups.size * drained.size + hub.repeated(),
    throttled: hub.throttled(),
    lost: updates - archived + (queue.tokens.size - answered),
  };
}

const overQuota = (calls: number, rate: number, burst: number) => Math.max(0, calls - burst) / rate;

/** The messages as they arrive, and what SQS does with them. */
function queueOf(time: VirtualTime, { findings, notes, rate, duplicates, reports }: Arrivals, random: () => number) {
  const receives = new Map<string, number>();
  const expected = new Set<string>();
  const updates = new Set<string>();
  const groups = new Set<string | undefined>();
  /** Updates: of one finding several, where messages want different things of it. */
  const asked = new Set<string>();
  const tokens = new Set<string>();
  let visible: InboxMessage[] = [];
  let finished = 0;

  const messageOf = (n: number, copy: number): InboxMessage => {
    const job = archivedCase(n, n % notes);
    const token = `${n}-${copy}`.padEnd(700, 'A');
    const body: QueueMessage =
      random() < reports
        ? { kind: 'notify', job: job, note: 'Suture, ec2/close-admin-ports: fixed and verified' }
        : { kind: 'archive', token, job: job };
    const message = { id: `${n}-${copy}`, body };
    expected.add(message.id);
    const note = 'note' in body ? body.note : job.note;
    groups.add(note);
    asked.add(`${job.finding.id} ${note}`);
    updates.add(job.finding.id);
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

  const take = (most: number): InboxMessage[] => {
    const taken = visible.slice(0, most);
    visible = visible.slice(most);
    for (const { id } of taken) receives.set(id, (receives.get(id) ?? 0) + 1);
    return taken;
  };
  const show = async (message: InboxMessage, seconds: number) => {
    await time.sleep(seconds * 1000);
    visible.push(message);
  };

  return {
    expected,
    updates,
    asked,
    groups,
    tokens,
    take,
    /** Milliseconds until the last one arrives. */
    arriving: ((findings - perTick) / rate) * 1000,
    finished: () => finished,
    inbox: (done: (messages: readonly InboxMessage[]) => void): Inbox => ({
      async receive() {
        await time.sleep(LATENCY.queue);
        for (const until = time.now() + QUIET; visible.length === 0 && time.now() < until; ) await time.sleep(TICK);
        return take(MOST);
      },
      async done(messages) {
        await time.sleep(LATENCY.queue);
        for (const { id } of messages) expected.delete(id);
        finished = time.now();
        done(messages);
      },
      async again(messages) {
        for (const message of messages) void show(message, waitAfter(receives.get(message.id)!));
      },
      async handBack(messages) {
        await time.sleep(LATENCY.queue);
        for (const message of messages) void show(message, 0);
      },
    }),
  };
}

function leaseOf(time: VirtualTime): RunLease {
  let held: { readonly run: string; readonly until: number } | undefined;
  return {
    async take(run, until) {
      await time.sleep(LATENCY.ledger);
      if (held && held.run !== run && held.until > time.now()) return false;
      held = { run, until };
      return true;
    },
    async release(run) {
      await time.sleep(LATENCY.ledger);
      if (held?.run === run) held = undefined;
    },
  };
}

function hubOf(time: VirtualTime, random: () => number, { share, unprocessed }: Arrivals) {
  const quota = bucket(HUB.rate * share, HUB.burst * share);
  const updated = new Set<string>();
  const cameBack = new Set<string>();
  let calls = 0;
  let repeated = 0;
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
    if (ids.every((id) => cameBack.has(id))) repeated++;
    const UnprocessedFindings = [];
    for (const identifier of input.FindingIdentifiers!)
      if (random() < unprocessed) {
        cameBack.add(identifier.Id!);
        UnprocessedFindings.push({
          FindingIdentifier: identifier,
          ErrorCode: 'ConcurrentUpdateError',
          ErrorMessage: '',
        });
      } else updated.add(identifier.Id!);
    returned += UnprocessedFindings.length;
    return { ProcessedFindings: [], UnprocessedFindings };
  };
  return {
    client: { send } as unknown as SecurityHubClient,
    updated,
    calls: () => calls,
    throttled: () => throttled,
    returned: () => returned,
    repeated: () => repeated,
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
