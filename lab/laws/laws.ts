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
    title: 'killed at any step of apply or rollback and run again, it ends in the same world with the same undo',
    prove: survivesCrashes,
  },
  {
    name: 'stale-reads',
    group: 'faults of AWS',
    title: 'stale reads do not change the end',
    prove: toleratesStaleReads,
  },
  {
    name: 'throttling',
    group: 'faults of AWS',
    title: 'throttled at any call, it fails with that error, and a retry ends the same',
    prove: toleratesThrottling,
  },
  {
    name: 'denials',
    group: 'faults of AWS',
    title: 'denied at any call, it fails and claims nothing',
    prove: reportsDenials,
  },
];

export const LAWS: readonly Law[] = [
  {
    name: 'plan-reads',
    group: 'fix and undo',
    title: 'plan only reads, with the read permissions alone',
    prove: planReads,
  },
  {
    name: 'ends-as-expected',
    group: 'fix and undo',
    title: 'apply ends as the scenario expects, and a second plan finds nothing to do',
    prove: endsAsExpected,
  },
  {
    name: 'neighbours',
    group: 'fix and undo',
    title: 'in the whole world, apply changes nothing but the target',
    prove: leavesNeighbours,
  },
  { name: 'shown', group: 'fix and undo', title: 'read shows everything that a fix changes', prove: showsAllChanges },
  {
    name: 'secrets',
    group: 'fix and undo',
    title: "no secret of AWS's answers leaves the run, and no credential enters the journal",
    prove: oncePerSequence({ name: 'secrets', prove: keepsSecrets }),
  },
  { name: 'rollback', group: 'fix and undo', title: 'rollback restores the whole world', prove: rollsBack },
  {
    name: 'elsewhere',
    group: 'fix and undo',
    title: 'in another account and Region, it does the same',
    prove: oncePerSequence({ name: 'elsewhere', prove: doesTheSameInOtherPlace }),
  },
  ...SWEEPS.map((law) => ({ ...law, prove: oncePerSequence(law) })),
  { name: 'pages', group: 'faults of AWS', title: 'lists are read to their last page', prove: readsAllPages },
];
