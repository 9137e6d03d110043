/** Amazon RDS, and DocumentDB and Neptune, which share its API: settings and snapshots. Nothing runs in a database. */
import * as sdk from '@aws-sdk/client-rds';
import { defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordState } from '../../records/record.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { clusterOperations, DB_CLUSTER } from './clusters.ts';
import { invalidRdsValue } from './errors.ts';
import { DB_INSTANCE, instanceOperations } from './instances.ts';
import { DB_CLUSTER_SNAPSHOT, DB_SNAPSHOT, snapshotOperations } from './snapshots.ts';
import { RDS } from './state.ts';

const KINDS = [DB_INSTANCE, DB_CLUSTER, DB_SNAPSHOT, DB_CLUSTER_SNAPSHOT];
const TAGGED: TaggedKinds = {
  kinds: KINDS,
  form: TAG_LIST,
  unknownArn: (arn) => invalidRdsValue(`Invalid resource name: ${arn}`),
};

export const rds = defineService<typeof sdk, RecordState>({
  ...RDS,
  ...recordComparison(KINDS),
  sdk,
  client: sdk.RDSClient,
  otherClients: ['DocDBClient', 'NeptuneClient'],
  prefix: 'rds',
  throttling: { code: 'Throttling', status: 400 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: {
    ...instanceOperations,
    ...clusterOperations,
    ...snapshotOperations,
    ...recordOperations<typeof sdk>('rds', {
      AddTagsToResource: addsTags(TAGGED, 'ResourceName', 'Tags'),
      ListTagsForResource: listsTags(TAGGED, 'ResourceName', 'TagList'),
      RemoveTagsFromResource: removesTags(TAGGED, 'ResourceName', 'TagKeys'),
    }),
  },
});
