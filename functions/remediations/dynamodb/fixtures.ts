/** Tables for scenarios, created as an administrator of the account. */
import { CreateTableCommand, TagResourceCommand } from '@aws-sdk/client-dynamodb';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { dynamoDbTable } from './table.ts';

export const dynamoDbTables = resourceFixture(dynamoDbTable, {
  async create({ dynamodb }, { target }, { DeletionProtectionEnabled }, tags) {
    const command = new CreateTableCommand({
      TableName: target.table,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled,
      Tags: listOfTags(tags),
    });
    await dynamodb.send(command);
    return target;
  },
  tag: ({ dynamodb }, context, tags) =>
    dynamodb.send(
      new TagResourceCommand({ ResourceArn: findingResource(dynamoDbTable, context).Id, Tags: listOfTags(tags) }),
    ),
});
