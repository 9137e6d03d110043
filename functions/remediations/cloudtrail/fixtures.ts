/** For scenarios of trails. */
import { AddTagsCommand, CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import type { TargetFields } from '../../contract/remediation.ts';
import type { AddTags } from '../../contract/scenario.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { trailArn } from './trail.ts';

export const DELIVERY_CLIENTS = {
  cloudtrail: CloudTrailClient,
  iam: IAMClient,
  logs: CloudWatchLogsClient,
  s3: S3Client,
};

type TrailFields = TargetFields & { readonly home: string; readonly owner: string; readonly trail: string };

/** Adds tags to the trail that the target names. */
export const tagTrail: AddTags<{ readonly cloudtrail: CloudTrailClient }, TrailFields> = (
  { cloudtrail },
  { partition, target },
  tags,
) => cloudtrail.send(new AddTagsCommand({ ResourceId: trailArn({ partition, target }), TagsList: listOfTags(tags) }));
