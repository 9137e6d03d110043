/**
 * DB clusters of Amazon RDS, DocumentDB and Neptune, which share an API.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html
 */
import {
  type DBCluster,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterMessage,
  paginateDescribeDBClusters,
  RDSClient,
} from '@aws-sdk/client-rds';
import * as z from 'zod';
import { type Alias, arn } from '../../contract/remediation.ts';
import { databaseBusy, databaseObstacle } from './database-status.ts';
import { orUndefined } from './or-undefined.ts';
import { tagsOfList } from './tag-list.ts';

const CLUSTER = 'arn:{partition}:rds:{region}:{account}:cluster:{cluster}';

/**
 * RDS stores names in lower case.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
 */
const CLUSTER_NAME = /(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?/;

/**
 * A finding names a cluster by its resource id, as AWS Config does, if Security Hub has no details of it. The API takes that
 * id as a filter alone, and IAM knows clusters by their names.
 * https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-enable-rds-cluster-deletion-protection.html
 */
const CLUSTER_ALIAS: Alias<{ readonly cluster: string }, { readonly rds: typeof RDSClient }> = {
  target: arn('AwsRdsDbCluster', 'arn:{partition}:rds:{region}:{account}:dbcluster/{resourceId}', {
    resourceId: /cluster-[A-Z0-9]{16,64}/,
  }),
  reads: [
    {
      actions: ['rds:DescribeDBClusters'],
      resources: ['arn:{partition}:rds:{region}:{account}:cluster:*'],
      because: 'the name of a cluster that its finding names by its resource id',
    },
  ],
  async find({ rds, alias: { resourceId } }) {
    const query = { Filters: [{ Name: 'db-cluster-resource-id', Values: [resourceId!] }] };
    for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client: rds }, query)) {
      const found = DBClusters.find(({ DbClusterResourceId }) => DbClusterResourceId === resourceId);
      if (found) return { cluster: found.DBClusterIdentifier! };
    }
    return undefined;
  },
};

export const DB_CLUSTER_FACTS = {
  target: arn('AwsRdsDbCluster', CLUSTER, { cluster: CLUSTER_NAME }),
  alias: CLUSTER_ALIAS,
  clients: { rds: RDSClient },
  reads: [{ actions: ['rds:DescribeDBClusters'], resources: [CLUSTER], because: 'its attributes, status and tags' }],
  writes: {
    actions: ['rds:ModifyDBCluster'],
    resources: [CLUSTER],
    because: 'sets the attribute; rollback sets it back',
  },
  busyErrors: ['InvalidDBClusterStateFault'],
  settleSeconds: 1800,
} as const;

/** Attributes of the clusters of every engine. AWS changes them at once, without downtime. */
export const DB_CLUSTER_ATTRIBUTES = {
  BackupRetentionPeriod: { type: z.int(), default: 1, terraform: 'backup_retention_period' },
  DeletionProtection: { type: z.boolean(), default: false, terraform: 'deletion_protection' },
};

type ClusterContext = { readonly rds: RDSClient; readonly target: { readonly cluster: string } };

export const DB_CLUSTER_STEPS = {
  async find({ rds, target: { cluster } }: ClusterContext): Promise<DBCluster | undefined> {
    const answer = rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
    return (await orUndefined(answer, 'DBClusterNotFoundFault'))?.DBClusters?.[0];
  },
  /** Without ApplyImmediately: changes that wait for the maintenance window keep waiting. */
  change: (
    { rds, target: { cluster } }: ClusterContext,
    values: Partial<Omit<ModifyDBClusterMessage, 'DBClusterIdentifier'>>,
  ) => rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: cluster, ...values })),
  tags: ({ TagList }: DBCluster) => tagsOfList(TagList),
  obstacle: ({ Status }: DBCluster) => databaseObstacle(Status),
  busy: ({ Status }: DBCluster) => databaseBusy(Status),
};
