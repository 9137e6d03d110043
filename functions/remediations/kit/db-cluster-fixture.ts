/** DB clusters for scenarios, created as an administrator of the account. */
import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  type CreateDBClusterMessage,
  DeleteDBClusterCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterMessage,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { findingResource, resourceFixture } from './resource-fixture.ts';
import type { AttributeValues, ResourceDeclaration } from './resource-type.ts';
import { listOfTags } from './tag-list.ts';

type ClusterTarget = { readonly cluster: string };
type ClusterClients = { readonly rds: typeof RDSClient };

export type NewDbCluster = {
  readonly engine: Omit<CreateDBClusterMessage, 'DBClusterIdentifier' | 'Tags'>;
  /** A change that takes AWS minutes, or waits for the maintenance window. */
  readonly slow: Omit<ModifyDBClusterMessage, 'DBClusterIdentifier'>;
};

export const dbClusterFixture = <V extends AttributeValues>(
  type: ResourceDeclaration<ClusterTarget, ClusterClients, V, any>,
  { engine, slow }: NewDbCluster,
) =>
  resourceFixture(type, {
    async create({ rds }, { target }, values, tags) {
      const Tags = listOfTags(tags);
      await rds.send(new CreateDBClusterCommand({ DBClusterIdentifier: target.cluster, ...engine, ...values, Tags }));
      return target;
    },
    async aliasOf({ rds }, { target: { cluster } }) {
      const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
      return { resourceId: DBClusters![0]!.DbClusterResourceId! };
    },
    tag: ({ rds }, context, tags) =>
      rds.send(
        new AddTagsToResourceCommand({ ResourceName: findingResource(type, context).Id, Tags: listOfTags(tags) }),
      ),
    busy: ({ rds }, { target: { cluster } }) =>
      rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: cluster, ApplyImmediately: true, ...slow })),
    stuck: ({ rds }, { target: { cluster } }) =>
      rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: cluster, SkipFinalSnapshot: true })),
    pending: ({ rds }, { target: { cluster } }) =>
      rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: cluster, ...slow })),
  });
