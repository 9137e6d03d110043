/** A provisioned cluster: https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html */
import { type Cluster, DescribeClustersCommand, ModifyClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const CLUSTER = 'arn:{partition}:redshift:{region}:{account}:cluster:{cluster}';

/** A cluster leaves these only if somebody does something, or never. */
const STUCK = /^(deleting|paused|hardware-failure|storage-full|incompatible-.+)$/;

export const redshiftCluster = resourceType({
  target: arn('AwsRedshiftCluster', CLUSTER, { cluster: /(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?/ }),
  clients: { redshift: RedshiftClient },
  cloudFormation: 'AWS::Redshift::Cluster',
  terraform: 'aws_redshift_cluster',
  reads: [{ actions: ['redshift:DescribeClusters'], resources: [CLUSTER], because: 'its attributes, status and tags' }],
  writes: {
    actions: ['redshift:ModifyCluster'],
    resources: [CLUSTER],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: {
    AllowVersionUpgrade: { type: z.boolean(), default: true, terraform: 'allow_version_upgrade' },
    AutomatedSnapshotRetentionPeriod: {
      type: z.int(),
      default: 1,
      terraform: 'automated_snapshot_retention_period',
    },
    PubliclyAccessible: { type: z.boolean(), default: false, terraform: 'publicly_accessible' },
  },
  busyErrors: ['InvalidClusterStateFault'],
  settleSeconds: 1800,
}).by({
  async find({ redshift, target: { cluster } }): Promise<Cluster | undefined> {
    const answer = redshift.send(new DescribeClustersCommand({ ClusterIdentifier: cluster }));
    return (await orUndefined(answer, 'ClusterNotFoundFault'))?.Clusters?.[0];
  },
  change: ({ redshift, target: { cluster } }, values) =>
    redshift.send(new ModifyClusterCommand({ ClusterIdentifier: cluster, ...values })),
  tags: ({ Tags }) => tagsOfList(Tags),
  obstacle: ({ ClusterStatus = 'available' }) =>
    STUCK.test(ClusterStatus) ? `its status is ${ClusterStatus}, and AWS changes only available clusters` : undefined,
  busy: ({ ClusterStatus = 'available' }) =>
    ClusterStatus === 'available' ? undefined : `its status is ${ClusterStatus}`,
});
