/** The laws that each remediation keeps in each of its scenarios. */
import { readsAllPages, reportsDenials, toleratesStaleReads, toleratesThrottling } from './fault-laws.ts';
import type { Law } from './law.ts';
import { endsAsExpected, leavesNeighbours, planReads, rollsBack, survivesCrashes } from './outcome-laws.ts';

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
  { name: 'rollback', group: 'fix and undo', title: 'rollback restores the state that plan saw', prove: rollsBack },
  {
    name: 'neighbours',
    group: 'fix and undo',
    title: 'other resources, Regions and accounts stay as they were',
    prove: leavesNeighbours,
  },
  {
    name: 'crashes',
    group: 'crashes',
    title: 'killed at any step and run again, it ends in the same state with the same undo',
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
  { name: 'pages', group: 'faults of AWS', title: 'lists are read to their last page', prove: readsAllPages },
];
