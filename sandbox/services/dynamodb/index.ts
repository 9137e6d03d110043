/** Amazon DynamoDB: dynalite's item operations behind what it lacks. Streams, PartiQL and backups are not modelled. */
import * as sdk from '@aws-sdk/client-dynamodb';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { batchGetItem, batchWriteItem, reads, writes } from './items.ts';
import { dynamodbResources } from './resources.ts';
import type { DynamoDbState } from './state.ts';
import {
  createTable,
  deleteTable,
  describeContinuousBackups,
  describeTable,
  listTables,
  tableNeeds,
  updateContinuousBackups,
} from './tables.ts';
import { describeTimeToLive, updateTimeToLive } from './time-to-live.ts';
import { transactGetItems, transactWriteItems } from './transactions.ts';

export const dynamodb: Service<typeof sdk, DynamoDbState> = defineService<typeof sdk, DynamoDbState>({
  name: 'dynamodb',
  sdk,
  client: sdk.DynamoDBClient,
  prefix: 'dynamodb',
  scope: 'region',
  state: () => ({ tables: new Map(), tokens: new Map() }),
  operations: {
    GetItem: reads('GetItem'),
    Query: reads('Query'),
    Scan: reads('Scan'),
    BatchGetItem: batchGetItem,
    TransactGetItems: transactGetItems,
    PutItem: writes('PutItem'),
    UpdateItem: writes('UpdateItem'),
    DeleteItem: writes('DeleteItem'),
    BatchWriteItem: batchWriteItem,
    TransactWriteItems: transactWriteItems,
    CreateTable: createTable,
    DeleteTable: deleteTable,
    DescribeTable: { needs: tableNeeds('DescribeTable'), run: describeTable },
    ListTables: { run: listTables },
    UpdateTimeToLive: { needs: tableNeeds('UpdateTimeToLive'), run: updateTimeToLive },
    DescribeTimeToLive: { needs: tableNeeds('DescribeTimeToLive'), run: describeTimeToLive },
    UpdateContinuousBackups: { needs: tableNeeds('UpdateContinuousBackups'), run: updateContinuousBackups },
    DescribeContinuousBackups: { needs: tableNeeds('DescribeContinuousBackups'), run: describeContinuousBackups },
  },
  resources: dynamodbResources,
});
