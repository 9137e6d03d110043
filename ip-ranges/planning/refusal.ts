/** Why a document is not applied to a target, in words. */
import type { IpRangesTarget } from '../contract/targets.ts';

/** `empty`: services without a range; `shrink`: percent that would go. */
export function refusal(
  empty: readonly string[],
  shrink: number,
  { shrinkLimit, services }: IpRangesTarget,
): string | undefined {
  if (empty.length > 0) return `The document has no range of ${empty.join(', nor of ')}. ${OVERRIDE}`;
  if (shrink <= shrinkLimit) return undefined;
  return `The document takes away ${shrink.toFixed(0)} % of what is allowed now for ${services.join(', ')}, more than ${shrinkLimit} %. ${OVERRIDE}`;
}

const OVERRIDE = 'Nothing was changed. If that is right, allow the shrink once: suture ip-ranges apply --allow-shrink';
