/** Databases for scenarios, created as an administrator of the account. */
import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  ModifyDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { dbClusterFixture } from '../kit/db-cluster-fixture.ts';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { dbCluster } from './cluster.ts';
import { dbInstance } from './instance.ts';

export const dbInstances = resourceFixture(dbInstance, {
  async create({ rds }, { target }, values, tags) {
    const command = new CreateDBInstanceCommand({
      DBInstanceIdentifier: target.instance,
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'postgres',
      MasterUserPassword: 'for-a-scenario',
      ...values,
      Tags: listOfTags(tags),
    });
    await rds.send(command);
    return target;
  },
  tag: ({ rds }, context, tags) =>
    rds.send(
      new AddTagsToResourceCommand({ ResourceName: findingResource(dbInstance, context).Id, Tags: listOfTags(tags) }),
    ),
  busy: ({ rds }, { target: { instance } }) =>
    rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: instance, AllocatedStorage: 40, ApplyImmediately: true }),
    ),
  stuck: ({ rds }, { target: { instance } }) =>
    rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: instance, SkipFinalSnapshot: true })),
  pending: ({ rds }, { target: { instance } }) =>
    rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: instance, DBInstanceClass: 'db.t4g.small' })),
});

const ADMINISTRATOR = { MasterUsername: 'administrator', MasterUserPassword: 'for-a-scenario' };

export const auroraClusters = dbClusterFixture(dbCluster, {
  engine: { Engine: 'aurora-postgresql', ...ADMINISTRATOR },
  slow: { EnableIAMDatabaseAuthentication: true },
});

/** A Multi-AZ DB cluster of RDS. */
export const multiAzClusters = (Engine: 'mysql' | 'postgres') =>
  dbClusterFixture(dbCluster, {
    engine: { Engine, ...ADMINISTRATOR, AllocatedStorage: 100, DBClusterInstanceClass: 'db.r6gd.large' },
    slow: { AllocatedStorage: 200 },
  });
