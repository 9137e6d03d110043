/** Brings one target to a document, by one run at a time, and never back to an older one. */
import { SutureError } from '../../functions/contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Document, tokenOf, wantedRanges } from '../planning/document.ts';
import type { PlanOptions } from '../planning/plan.ts';
import type { RunClock } from './converge.ts';
import type { IpRangesLedger } from './ledger.ts';
import type { SitePlan, TargetSite } from './site.ts';

export type UpdateDeps = {
  readonly site: TargetSite;
  readonly ledger: IpRangesLedger;
  readonly clock: RunClock;
  /** Names this run in the lease. */
  readonly run: string;
  readonly options: PlanOptions;
  /** Whether the document is the published one, by whose syncToken others go. */
  readonly published: boolean;
};

export type UpdateOutcome =
  /** With a `problem`, everything is done that it does not hinder. */
  | ({ readonly kind: 'changed' | 'unchanged' } & SitePlan)
  /** Another run has brought the target to something newer. */
  | { readonly kind: 'superseded'; readonly by: number };

/** Between looks at a lease that another run has. */
const LOOK_MS = 3_000;
/** Time that is worth beginning with. */
const MINIMUM_MS = 20_000;

/**
 * Nothing is written, to the ledger neither, where nothing has changed.
 * @throws IpRangesError, SutureError ResourceBusy, Throttled and others: see `converge`
 */
export async function update(target: IpRangesTarget, document: Document, deps: UpdateDeps): Promise<UpdateOutcome> {
  const { site, ledger, clock, run, options, published } = deps;
  const token = tokenOf(document);
  const { applied, baseline } = await ledger.read(target.key);
  if (applied && applied.syncToken > token) return { kind: 'superseded', by: applied.syncToken };
  const looked = await site.look(document, { ...options, baseline });

  const record = async ({ problem, figures: { ranges, groups } }: SitePlan) => {
    if (!published || problem || applied?.syncToken === token) return;
    const at = new Date(clock.now()).toISOString();
    const { createDate } = document;
    const services = [...target.services];
    const { ranges: cidrs } = wantedRanges(document, target);
    await ledger.record(target, { syncToken: token, createDate, services, at, ranges, groups }, cidrs);
  };
  if (looked.calls.length === 0) {
    await record(looked);
    const { calls, figures, notes, problem } = looked;
    return { kind: 'unchanged', calls, figures, notes, ...(problem && { problem }) };
  }
  await takeLease(target, deps);
  try {
    const { applied: now } = await ledger.read(target.key);
    if (now && now.syncToken > token) return { kind: 'superseded', by: now.syncToken };
    await ledger.register(target, looked.held);
    const brought = await site.bring(document, { ...options, baseline: baseline ?? looked.held }, clock);
    await record(brought);
    return { kind: brought.calls.length > 0 ? 'changed' : 'unchanged', ...brought };
  } finally {
    await ledger.release(target.key, run);
  }
}

/** Waits for another run to end: it may be bringing the target to the same document. */
export async function takeLease(
  target: IpRangesTarget,
  { ledger, clock, run }: Pick<UpdateDeps, 'ledger' | 'clock' | 'run'>,
): Promise<void> {
  while (!(await ledger.take(target.key, run, clock.deadline))) {
    if (clock.now() + LOOK_MS + MINIMUM_MS > clock.deadline)
      throw new SutureError(
        'ResourceBusy',
        `Another run was writing to ${target.key} all the time, so this one changed nothing. It is tried again; a lease of a run that broke off ends after minutes by itself.`,
      );
    await clock.sleep(LOOK_MS);
  }
}
