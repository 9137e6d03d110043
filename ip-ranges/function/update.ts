/** Brings one target to a document, by one run at a time, and never back to an older one. */
import { SutureError } from '../../functions/contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Document, tokenOf, wantedRanges } from '../planning/document.ts';
import type { RunClock } from './converge.ts';
import type { IpRangesLedger } from './ledger.ts';
import type { BringOptions, SitePlan, TargetSite } from './site.ts';

/** `run` names the run in leases. */
export type UpdateRun = { readonly ledger: IpRangesLedger; readonly clock: RunClock; readonly run: string };

/** Pause before it asks again for a lease that another run has. */
const LEASE_POLL_MS = 3_000;
/** With less time than this, a run does not begin. */
const MINIMUM_MS = 20_000;

/**
 * Returns the calls that were made. Writes nothing, not even to the ledger, if nothing has changed.
 * @throws IpRangesError, SutureError ResourceBusy, Throttled and others: see `converge`
 */
export async function update(
  target: IpRangesTarget,
  document: Document,
  options: BringOptions,
  { site, ...deps }: UpdateRun & { readonly site: Pick<TargetSite, 'look' | 'bring'> },
): Promise<SitePlan> {
  const { ledger, clock } = deps;
  const token = tokenOf(document);
  const { applied, baseline, lastFailure } = await ledger.read(target.key);
  if (applied && applied.syncToken > token) return supersededPlan(applied.syncToken);
  const recordPlan = async (plan: SitePlan): Promise<SitePlan> => {
    if (!options.isPublished || plan.halted || plan.error) return plan;
    if (applied?.syncToken === token && !lastFailure) return plan;
    const at = new Date(clock.now()).toISOString();
    const about = { syncToken: token, createDate: document.createDate, services: [...target.services], at };
    await ledger.record(target, { ...about, ...plan.figures! }, wantedRanges(document, target).ranges);
    return plan;
  };
  const { held, plan } = await site.look(document, { ...options, baseline });
  if (plan.calls.length === 0) return recordPlan(plan);
  return underLease(target, deps, async () => {
    const { applied: now } = await ledger.read(target.key);
    if (now && now.syncToken > token) return supersededPlan(now.syncToken);
    await ledger.register(target, held);
    return recordPlan(await site.bring(document, { ...options, baseline: baseline ?? held }, clock));
  });
}

const supersededPlan = (by: number): SitePlan => ({
  calls: [],
  notes: [`the target was brought to the newer syncToken ${by} already`],
});

/** Does the work under the target's lease. Waits for another run to end: it may be applying the same document. */
export async function underLease<T>(
  { key }: IpRangesTarget,
  { ledger, clock, run }: UpdateRun,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await ledger.take(key, run, clock.deadline))) {
    if (clock.now() + LEASE_POLL_MS + MINIMUM_MS > clock.deadline)
      throw new SutureError(
        'ResourceBusy',
        `Another run was writing to ${key} all the time, so this one changed nothing. It is tried again; a lease of a run that broke off ends after minutes by itself.`,
      );
    await clock.sleep(LEASE_POLL_MS);
  }
  try {
    return await work();
  } finally {
    await ledger.release(key, run);
  }
}
