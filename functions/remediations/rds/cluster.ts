/**
 * A DB cluster of Aurora or RDS. Some controls also report clusters of DocumentDB and Neptune, which change by the same
 * calls. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html
 */
import * as z from 'zod';
import { DB_CLUSTER_ATTRIBUTES, DB_CLUSTER_FACTS, DB_CLUSTER_STEPS } from '../kit/db-cluster.ts';
import { resourceType } from '../kit/resource-type.ts';

export const dbCluster = resourceType({
  ...DB_CLUSTER_FACTS,
  cloudFormation: 'AWS::RDS::DBCluster',
  terraform: 'aws_rds_cluster',
  attributes: {
    ...DB_CLUSTER_ATTRIBUTES,
    AutoMinorVersionUpgrade: { type: z.boolean(), default: true, terraform: 'auto_minor_version_upgrade' },
    CopyTagsToSnapshot: { type: z.boolean(), default: false, terraform: 'copy_tags_to_snapshot' },
  },
}).by(DB_CLUSTER_STEPS);
