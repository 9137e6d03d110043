/** Each mutant accepts a value below the threshold, in a scenario that the kit adds to every numeric setting. */
import keepBackups from '../../functions/remediations/documentdb/keep-backups/scenarios.ts';
import keepSnapshots from '../../functions/remediations/redshift/keep-snapshots/scenarios.ts';
import { expectFound } from './mutation.ts';

const FINDS = /the resource is already as it should be.*the scenario expects FIXED/;

expectFound([
  {
    how: 'takes a day less than the control for enough',
    of: [keepSnapshots, 'it is almost enough'],
    mutation: {
      steps: ({ want }) => ({
        want: (state, context) => (state.AutomatedSnapshotRetentionPeriod === 6 ? state : want(state, context)),
      }),
    },
    law: 'ends-as-expected',
    finds: FINDS,
  },
  {
    how: 'leaves out what policy asks for',
    of: [keepBackups, 'policy asks for more'],
    mutation: { steps: ({ want }) => ({ want: (state, context) => want(state, { ...context, params: { days: 7 } }) }) },
    law: 'ends-as-expected',
    finds: FINDS,
  },
]);
