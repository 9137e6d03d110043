/** Clusters for scenarios, created as an administrator of the account. */
import {
  CreateClusterCommand,
  CreateTagsCommand,
  DeleteClusterCommand,
  ModifyClusterCommand,
} from '@aws-sdk/client-redshift';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { redshiftCluster } from './cluster.ts';

export const redshiftClusters = resourceFixture(redshiftCluster, {
  async create({ redshift }, { target }, values, tags) {
    const command = new CreateClusterCommand({
      ClusterIdentifier: target.cluster,
      NodeType: 'dc2.large',
      MasterUsername: 'administrator',
      MasterUserPassword: 'For-1-scenario',
      ...values,
      Tags: listOfTags(tags),
    });
    await redshift.send(command);
    return target;
  },
  tag: ({ redshift }, context, tags) =>
    redshift.send(
      new CreateTagsCommand({ ResourceName: findingResource(redshiftCluster, context).Id, Tags: listOfTags(tags) }),
    ),
  busy: ({ redshift }, { target: { cluster } }) =>
    redshift.send(new ModifyClusterCommand({ ClusterIdentifier: cluster, NumberOfNodes: 2 })),
  stuck: ({ redshift }, { target: { cluster } }) =>
    redshift.send(new DeleteClusterCommand({ ClusterIdentifier: cluster, SkipFinalClusterSnapshot: true })),
});
