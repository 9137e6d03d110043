/**
 * The archive lane in virtual time. The lease, grouping, pace, retries and answers are the deployed function's own
 * code; the queue with its event source mapping, Security Hub and Step Functions are models with AWS's quotas.
 */

import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { drainWithLease } from '../../functions/finding-updates/drain-with-lease.ts';
import { createPace } from '../../functions/finding-updates/pace.ts';
import { randomness } from '../../sandbox/kernel/random.ts';
import { UPDATES } from '../../stacks/constructs/finding-updates.ts';
import { LATENCY_MS, ModelLease, ModelQueue, ModelSecurityHub, ModelTaskTokens, TICK_MS } from './archive-models.ts';
import { policyWith } from './archived-job.ts';
import type { Arrivals } from './arrivals.ts';
import { BATCH_UPDATE_FINDINGS_QUOTA, quotaShare, SEND_TASK_SUCCESS_QUOTA, type TokenBucketQuota } from './quotas.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

export type ArchiveResult = {
  /** From the first arrival until the last finding is archived and its execution answered. */
  readonly seconds: number;
  /** The shortest time that the tightest quota, or the arrivals, allow. */
  readonly floorSeconds: number;
  readonly calls: number;
  /** The limit of `calls`. */
  readonly maxCalls: number;
  readonly throttled: number;
  /** Findings that are not archived, and executions that are not answered. */
  readonly lost: number;
};

export function archiveLane(arrivals: Arrivals): Promise<ArchiveResult> {
  const time = virtualTime();
  return time.run(() => archiveAll(arrivals, time));
}

type LaneModel = {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly queue: ModelQueue;
  readonly securityHub: ModelSecurityHub;
  readonly tokens: ModelTaskTokens;
  readonly lease: ModelLease;
};

async function archiveAll(arrivals: Arrivals, time: VirtualTime): Promise<ArchiveResult> {
  const { random } = randomness(arrivals.seed);
  const model: LaneModel = {
    time,
    random,
    queue: new ModelQueue(arrivals, time, random),
    securityHub: new ModelSecurityHub(arrivals, time, random),
    tokens: new ModelTaskTokens(time),
    lease: new ModelLease(time),
  };
  void model.queue.receiveArrivals();
  const policy = policyWith(...Array(arrivals.notes).keys());
  await Promise.all(Array.from({ length: UPDATES.concurrency }, (_, n) => runInstance(model, n, policy)));
  return resultOf(model, arrivals);
}

/** Invokes the function with the first messages of the queue until the queue is empty. */
async function runInstance(model: LaneModel, instance: number, policy: SuturePolicy): Promise<void> {
  const { time, random, queue, lease, securityHub, tokens } = model;
  const pace = createPace(time.sleep, time.now, random);
  for (let invocation = 0; queue.unfinished.size > 0; ) {
    const first = queue.take(UPDATES.batch);
    if (first.length === 0) {
      await time.sleep(TICK_MS);
      continue;
    }
    const run = `${instance}-${invocation++}`;
    const deadline = time.now() + UPDATES.timeoutSeconds * 1000;
    await drainWithLease(first, {
      inbox: queue.inboxOf(run),
      lease,
      run,
      securityHub,
      policy: { read: async () => policy },
      suppressions: { add: () => time.sleep(LATENCY_MS.ledger) },
      queries: undefined as never,
      findFinding: undefined as never,
      tokens,
      pace,
      timeLeft: () => deadline - time.now(),
      sleep: time.sleep,
      ledger: ledgerModel(time),
      publish: (events) => time.sleep(LATENCY_MS.events * Math.ceil(events.length / 10)),
      count: async () => {},
      now: time.now,
      random,
      warn: () => {},
      alarm: (message, fields) => {
        throw new Error(`${message}: ${JSON.stringify(fields)}`);
      },
    });
  }
}

/** This lane calls only one method, which writes 25 lines at once, then their records. */
const ledgerModel = (time: VirtualTime) =>
  ({
    async record(jobs: readonly unknown[]) {
      await time.sleep(2 * LATENCY_MS.ledger * Math.ceil(jobs.length / 25));
      return [];
    },
  }) as never;

function resultOf({ queue, securityHub, tokens }: LaneModel, { share }: Arrivals): ArchiveResult {
  const archived = [...queue.findings].filter((id) => securityHub.updated.has(id)).length;
  const answered = [...queue.tokens].filter((token) => tokens.answered.has(token)).length;
  const updateQuota = quotaShare(BATCH_UPDATE_FINDINGS_QUOTA, share);
  return {
    seconds: queue.finishedMs / 1000,
    floorSeconds: Math.max(
      queue.lastArrivalMs / 1000,
      secondsFor(Math.ceil(queue.findings.size / UPDATES_PER_CALL), updateQuota),
      secondsFor(queue.tokens.size, SEND_TASK_SUCCESS_QUOTA),
    ),
    calls: securityHub.calls,
    maxCalls: maxCalls(queue, securityHub),
    throttled: securityHub.throttled,
    lost: queue.findings.size - archived + (queue.tokens.size - answered),
  };
}

/** A call of BatchUpdateFindings takes this many findings, which all get the same note. */
const UPDATES_PER_CALL = 100;

/**
 * Returns how many calls of BatchUpdateFindings the lane may take. An update that Security Hub leaves unprocessed is sent
 * again, so that it counts again.
 */
function maxCalls(queue: ModelQueue, securityHub: ModelSecurityHub): number {
  const fullCalls = Math.ceil((queue.updates.size + securityHub.unprocessed) / UPDATES_PER_CALL);
  // A drain ends with at most one partial call for each note.
  const partialCalls = queue.notes.size * queue.drainingRuns.size;
  return fullCalls + partialCalls + securityHub.repeatedCalls;
}

const secondsFor = (calls: number, { rate, burst }: TokenBucketQuota): number => Math.max(0, calls - burst) / rate;
