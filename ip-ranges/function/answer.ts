/** What people asked by `suture ip-ranges`, answered target by target; an error of one is its answer. */

import type { IpRangesCommand, TargetAnswer } from '../contract/command.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Document, tokenOf } from '../planning/document.ts';
import type { PlanOptions } from '../planning/plan.ts';
import type { Applied, IpRangesLedger } from './ledger.ts';
import type { Site } from './site.ts';

export const optionsOf = ({ compact, allowShrink }: IpRangesCommand): PlanOptions => ({ compact, allowShrink });

export const about = ({ key, mode, services }: IpRangesTarget, document?: Document): TargetAnswer => ({
  target: key,
  mode,
  services: [...services],
  ...(document && { syncToken: document.syncToken, createDate: document.createDate }),
});

export async function statusOf(target: IpRangesTarget, site: Site, ledger: IpRangesLedger): Promise<TargetAnswer> {
  const applied = await ledger.applied(target.key);
  const { holders, attachedTo } = await site.see();
  return { ...about(target), applied, holders: [...holders], attachedTo };
}

export async function planOf(
  target: IpRangesTarget,
  document: Document,
  { site, ledger, options }: { readonly site: Site; readonly ledger: IpRangesLedger; readonly options: PlanOptions },
): Promise<TargetAnswer> {
  const applied = await ledger.applied(target.key);
  const { refused, blocked, calls, holders, notes, ...looked } = await site.look(document, options);
  const error =
    refused !== undefined
      ? { name: 'DocumentRefused', message: refused }
      : blocked.length > 0
        ? { name: 'TargetBlocked', message: blocked.join('; ') }
        : undefined;
  return {
    ...about(target, document),
    ...looked,
    applied,
    holders: [...holders],
    calls: [...calls],
    notes: [...notes, ...older(document, applied)],
    ...(error && { error }),
  };
}

const older = (document: Document, applied: Applied | undefined): string[] =>
  applied && applied.syncToken > tokenOf(document)
    ? [`the target was brought to the newer syncToken ${applied.syncToken} already: apply would leave it there`]
    : [];
