/**
 * Dynalite's item operations, with transactions, time to live, encryption, streams and IAM around them.
 * PartiQL and backups are not modelled.
 */
import * as sdk from '@aws-sdk/client-dynamodb';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { DYNAMODB_STREAMS } from '../dynamodbstreams/state.ts';
import { dynamodbComparison } from './comparison.ts';
import { batchGetItem, batchWriteItem, itemRead, itemWrite } from './items.ts';
import { dynamodbResources } from './resources.ts';
import { DYNAMODB, type DynamoDbState } from './state.ts';
import {
  createTable,
  deleteTable,
  describeContinuousBackups,
  describeTable,
  listTables,
  tableNeeds,
  updateContinuousBackups,
  updateTable,
} from './tables.ts';
import { listTagsOfResource, tableTagNeeds, tagResource, untagResource } from './tags.ts';
import { describeTimeToLive, updateTimeToLive } from './time-to-live.ts';
import { transactGetItems, transactWriteItems } from './transactions.ts';

export const dynamodb: Service<typeof sdk, DynamoDbState> = defineService<typeof sdk, DynamoDbState>({
  ...DYNAMODB,
  ...dynamodbComparison,
  sdk,
  client: sdk.DynamoDBClient,
  prefix: 'dynamodb',
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html
  trail: {
    unrecorded: [
      'BatchGetItem',
      'BatchWriteItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'Scan',
      'TransactGetItems',
      'TransactWriteItems',
      'UpdateItem',
    ],
  },
  alsoWrites: [DYNAMODB_STREAMS],
  throttling: { code: 'ProvisionedThroughputExceededException', status: 400 },
  reads: ['Query', 'Scan'],
  operations: {
    GetItem: itemRead('GetItem'),
    Query: itemRead('Query'),
    Scan: itemRead('Scan'),
    BatchGetItem: batchGetItem,
    TransactGetItems: transactGetItems,
    PutItem: itemWrite('PutItem'),
    UpdateItem: itemWrite('UpdateItem'),
    DeleteItem: itemWrite('DeleteItem'),
    BatchWriteItem: batchWriteItem,
    TransactWriteItems: transactWriteItems,
    CreateTable: createTable,
    DeleteTable: deleteTable,
    DescribeTable: { needs: tableNeeds('DescribeTable'), run: describeTable },
    UpdateTable: { needs: tableNeeds('UpdateTable'), run: updateTable },
    ListTagsOfResource: { needs: tableTagNeeds('ListTagsOfResource'), run: listTagsOfResource },
    TagResource: { needs: tableTagNeeds('TagResource'), run: tagResource },
    UntagResource: { needs: tableTagNeeds('UntagResource'), run: untagResource },
    ListTables: { run: listTables },
    UpdateTimeToLive: { needs: tableNeeds('UpdateTimeToLive'), run: updateTimeToLive },
    DescribeTimeToLive: { needs: tableNeeds('DescribeTimeToLive'), run: describeTimeToLive },
    UpdateContinuousBackups: { needs: tableNeeds('UpdateContinuousBackups'), run: updateContinuousBackups },
    DescribeContinuousBackups: { needs: tableNeeds('DescribeContinuousBackups'), run: describeContinuousBackups },
  },
  resources: dynamodbResources,
});
