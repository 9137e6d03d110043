/** A DB cluster of Amazon Neptune: https://docs.aws.amazon.com/neptune/latest/apiref/API_DBCluster.html */
import * as z from 'zod';
import { DB_CLUSTER_ATTRIBUTES, DB_CLUSTER_FACTS, DB_CLUSTER_STEPS } from '../kit/db-cluster.ts';
import { resourceType } from '../kit/resource-type.ts';

export const neptuneCluster = resourceType({
  ...DB_CLUSTER_FACTS,
  cloudFormation: 'AWS::Neptune::DBCluster',
  terraform: 'aws_neptune_cluster',
  attributes: {
    ...DB_CLUSTER_ATTRIBUTES,
    CopyTagsToSnapshot: { type: z.boolean(), default: false, terraform: 'copy_tags_to_snapshot' },
  },
}).by(DB_CLUSTER_STEPS);
