/** One target brought to a document, by one run at a time, and never back to an older one. */
import { SutureError } from '../../functions/contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import type { Clock } from '../planning/converge.ts';
import { type Document, tokenOf } from '../planning/document.ts';
import { IpRangesError } from '../planning/errors.ts';
import type { PlanOptions } from '../planning/plan.ts';
import type { IpRangesLedger } from './ledger.ts';
import type { Brought, Site } from './site.ts';

export type Update = {
  readonly site: Site;
  readonly ledger: IpRangesLedger;
  readonly clock: Clock;
  /** Names this run in the lease. */
  readonly run: string;
  readonly options: PlanOptions;
  /** Whether the document is the published one, by whose syncToken others go. */
  readonly published: boolean;
};

export type Outcome =
  | ({ readonly kind: 'changed' | 'unchanged' } & Brought)
  /** Another run has brought the target to something newer. */
  | { readonly kind: 'superseded'; readonly by: number };

/** Milliseconds between looks at a lease that another run has. */
const LOOK = 3_000;

/**
 * Nothing is written, to the ledger neither, where nothing has changed.
 * @throws IpRangesError, SutureError ResourceBusy, Throttled and others: see `converge`
 */
export async function update(target: IpRangesTarget, document: Document, with_: Update): Promise<Outcome> {
  const { site, ledger, clock, run, options, published } = with_;
  const token = tokenOf(document);
  const before = await ledger.applied(target.key);
  if (before && before.syncToken > token) return { kind: 'superseded', by: before.syncToken };
  const { refused, blocked, calls, figures, notes } = await site.look(document, options);
  if (refused !== undefined) throw new IpRangesError('DocumentRefused', refused);
  if (blocked.length > 0) throw new IpRangesError('TargetBlocked', `Nothing was changed: ${blocked.join('; ')}.`);

  const record = async () => {
    if (!published || before?.syncToken === token) return;
    const at = new Date(clock.now()).toISOString();
    await ledger.record(target.key, { syncToken: token, at, ranges: figures.ranges, groups: figures.groups });
  };
  if (calls.length === 0) {
    await record();
    return { kind: 'unchanged', calls, figures, notes };
  }
  await taken(target, with_);
  try {
    const now = await ledger.applied(target.key);
    if (now && now.syncToken > token) return { kind: 'superseded', by: now.syncToken };
    const brought = await site.bring(document, options, clock);
    await record();
    return { kind: brought.calls.length > 0 ? 'changed' : 'unchanged', ...brought };
  } finally {
    await ledger.release(target.key, run);
  }
}

/** Waits for another run to end: it may be bringing the target to the same document. */
async function taken(target: IpRangesTarget, { ledger, clock, run }: Update): Promise<void> {
  while (!(await ledger.take(target.key, run, clock.deadline))) {
    if (clock.now() + LOOK + MINIMUM > clock.deadline)
      throw new SutureError(
        'ResourceBusy',
        `Another run was writing to ${target.key} all the time, so this one changed nothing. It is tried again; a lease of a run that broke off ends after minutes by itself.`,
      );
    await clock.sleep(LOOK);
  }
}
/** Milliseconds that are worth beginning with. */
const MINIMUM = 20_000;
