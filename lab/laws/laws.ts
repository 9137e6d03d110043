/** The laws that each remediation keeps in each of its scenarios. */
import { survivesCrashes } from './crash-law.ts';
import { readsAllPages, reportsDenials, toleratesStaleReads, toleratesThrottling } from './fault-laws.ts';
import type { Law } from './law.ts';
import { doesTheSameInOtherPlace } from './other-place-law.ts';
import { endsAsExpected, leavesNeighbours, planReads, rollsBack } from './outcome-laws.ts';
import { keepsSecrets } from './secrets-law.ts';
import { showsAllChanges } from './shown-law.ts';
import { oncePerSequence } from './sweep.ts';

/** Sweeps repeat the run once for each of its calls or steps. */
const SWEEPS: readonly Law[] = [
  {
    name: 'crashes',
    group: 'crashes',
    title: 'killed at any step of a fix or a rollback and run again, it ends the same, and can still be undone',
    prove: survivesCrashes,
  },
  {
    name: 'stale-reads',
    group: 'faults of AWS',
    title: 'reads that lag behind its own writes do not change the end',
    prove: toleratesStaleReads,
  },
  {
    name: 'throttling',
    group: 'faults of AWS',
    title: 'throttled at any call, it says so, and a retry ends the same',
    prove: toleratesThrottling,
  },
  {
    name: 'denials',
    group: 'faults of AWS',
    title: 'denied at any call, it fails, and never claims a fix',
    prove: reportsDenials,
  },
];

export const LAWS: readonly Law[] = [
  {
    name: 'plan-reads',
    group: 'fix and undo',
    title: 'a plan only reads: it runs with the read permissions alone',
    prove: planReads,
  },
  {
    name: 'ends-as-expected',
    group: 'fix and undo',
    title: 'the fix ends as expected, and a second run finds nothing to do',
    prove: endsAsExpected,
  },
  {
    name: 'neighbours',
    group: 'fix and undo',
    title: "in the whole organization, the fix changes nothing but the finding's resource",
    prove: leavesNeighbours,
  },
  {
    name: 'shown',
    group: 'fix and undo',
    title: 'the plan that people approve shows everything that the fix changes',
    prove: showsAllChanges,
  },
  {
    name: 'secrets',
    group: 'fix and undo',
    title: "no secret of AWS's answers leaves the run, and no credential is recorded",
    prove: oncePerSequence({ name: 'secrets', prove: keepsSecrets }),
  },
  {
    name: 'rollback',
    group: 'fix and undo',
    title: 'a rollback restores the whole organization as it was',
    prove: rollsBack,
  },
  {
    name: 'elsewhere',
    group: 'fix and undo',
    title: 'it does the same in another account and Region',
    prove: oncePerSequence({ name: 'elsewhere', prove: doesTheSameInOtherPlace }),
  },
  ...SWEEPS.map((law) => ({ ...law, prove: oncePerSequence(law) })),
  { name: 'pages', group: 'faults of AWS', title: 'it reads lists to their last page', prove: readsAllPages },
];
