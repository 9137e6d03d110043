/** Databases for scenarios, created as an administrator of the account. */
import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  ModifyDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
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
