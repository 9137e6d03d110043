/** Amazon ElastiCache: the settings of cache clusters and replication groups. Nothing runs in them. */
import * as sdk from '@aws-sdk/client-elasticache';
import { type AwsPlace, type Consequence, defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordState } from '../../records/record.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { CACHE_CLUSTER, cacheClusterOperations } from './clusters.ts';
import { elasticacheError } from './errors.ts';
import { memberClusters, REPLICATION_GROUP, replicationGroupOperations } from './groups.ts';
import { ELASTICACHE } from './state.ts';

const KINDS = [CACHE_CLUSTER, REPLICATION_GROUP];
const TAGGED: TaggedKinds = {
  kinds: KINDS,
  form: TAG_LIST,
  unknownArn: (arn) => elasticacheError('InvalidARNFault', `Invalid ARN: ${arn}`),
  tooMany: () => elasticacheError('TagQuotaPerResourceExceeded', 'A resource has at most 50 tags.'),
};

export const elasticache = defineService<typeof sdk, RecordState>({
  ...ELASTICACHE,
  ...recordComparison(KINDS),
  consequences,
  sdk,
  client: sdk.ElastiCacheClient,
  prefix: 'elasticache',
  throttling: { code: 'Throttling', status: 400 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: {
    ...cacheClusterOperations,
    ...replicationGroupOperations,
    ...recordOperations<typeof sdk>('elasticache', {
      AddTagsToResource: addsTags(TAGGED, 'ResourceName', 'Tags'),
      ListTagsForResource: listsTags(TAGGED, 'ResourceName', 'TagList'),
      RemoveTagsFromResource: removesTags(TAGGED, 'ResourceName', 'TagKeys'),
    }),
  },
});

/** A change of a replication group changes its clusters. */
function consequences(arn: string, { kinds }: RecordState, place: AwsPlace): readonly Consequence[] {
  const group = [...kinds.groups!.values()].find((each) => each.arn === arn);
  return memberClusters(group?.fields ?? {}).map((id) => ({ state: ELASTICACHE, place, path: ['clusters', id] }));
}
