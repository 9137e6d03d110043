/**
 * S3.22 and S3.23 (Config rules cloudtrail-all-write-s3-data-event-check and cloudtrail-all-read-s3-data-event-check): a
 * trail of all Regions logs the events of the objects in all buckets, also of those to come.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-22
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { accountTarget, defineRemediation, type Remediation, refused } from '../../contract/remediation.ts';
import { areLogged, withEvents } from '../kit/event-selectors.ts';
import { costPer } from '../kit/monthly-cost.ts';
import { accountTrailTags, declaredAccountTrail, wantTrails } from './account-trail-steps.ts';
import { ACCOUNT_TRAIL_READS, AccountTrails, findAccountTrails, type TrailWish } from './account-trails.ts';
import { type ObjectDirection, objectEvents } from './object-events.ts';
import { OWN_TRAIL_ARN } from './trail.ts';
import { changeTrail } from './widen-trail.ts';

const NO_TRAIL = 'the account has no trail of all Regions that logs: see CloudTrail.1';

type ObjectEventTrail = Pick<Remediation, 'id' | 'title'> & {
  readonly control: `S3.${number}`;
  readonly direction: ObjectDirection;
};

/** Returns a remediation that makes a trail log the events of objects in one direction. */
export function objectEventTrail({ id, title, control, direction }: ObjectEventTrail) {
  const wish = ({ partition }: { readonly partition: string }): TrailWish => ({
    passes: ({ multiRegion, logging, selectors }) =>
      multiRegion && logging && areLogged(objectEvents(direction, partition), selectors),
    fits: ({ multiRegion, logging }) => multiRegion && logging,
  });
  return defineRemediation({
    id,
    title,
    handles: { controls: [control] },
    // Data events are the most expensive that a trail can log.
    risk: 'disruptive',
    target: accountTarget,
    found: z.strictObject({ trail: z.string() }),
    params: z.strictObject({}),
    state: AccountTrails,
    reads: ACCOUNT_TRAIL_READS,
    writes: [
      {
        actions: ['cloudtrail:PutEventSelectors'],
        resources: [OWN_TRAIL_ARN],
        because: 'adds the events; rollback removes them',
      },
    ],
    clients: { cloudtrail: CloudTrailClient },
    global: true,
  }).by({
    read: (context) => findAccountTrails(context, wish(context)),
    targets: ({ trail }) => (trail ? [{ trail: trail.name }] : []),
    want: (state, { partition }) =>
      wantTrails(state, (trail) => {
        if (!trail) return refused(NO_TRAIL);
        const selectors = withEvents(objectEvents(direction, partition), trail.selectors);
        return 'refused' in selectors ? selectors : { ...trail, selectors };
      }),
    write: ({ cloudtrail }, from, to) => changeTrail(cloudtrail, from.trail!, to.trail!),
    tags: (context) => accountTrailTags(context, wish(context)),
    costs: () => costPer('dataEvents', 'for 100,000 events'),
    declared: declaredAccountTrail,
    summary: (_, { trail }) =>
      areLogged(objectEvents(direction, 'aws'), trail!.selectors)
        ? `the trail ${trail!.name} logs ${direction.text} in all buckets`
        : `the trail ${trail!.name} no longer logs ${direction.text} in all buckets`,
  });
}
