/** Redshift.3: https://docs.aws.amazon.com/securityhub/latest/userguide/redshift-controls.html#redshift-3 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { redshiftCluster } from '../cluster.ts';

export default setting(redshiftCluster, {
  id: 'redshift/keep-snapshots',
  title: 'Keep the automated snapshots of a Redshift cluster long enough',
  controls: ['Redshift.3'],
  risk: 'safe',
  params: z.strictObject({ days: z.int().min(7).max(35).default(7) }),
  controlParams: {
    days: { stricter: 'more', requires: { 'Redshift.3': 7 }, customizable: { 'Redshift.3': 'MinRetentionPeriod' } },
  },
  wants: { AutomatedSnapshotRetentionPeriod: (current, { days }) => Math.max(current, days) },
});
