/** A table: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  type Tag,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const TABLE = 'arn:{partition}:dynamodb:{region}:{account}:table/{table}';
const PITR = 'PointInTimeRecoveryEnabled';

/** A table leaves these only if somebody does something, or never. */
const STUCK = ['ARCHIVED', 'ARCHIVING', 'DELETING', 'INACCESSIBLE_ENCRYPTION_CREDENTIALS'];

export const dynamoDbTable = resourceType({
  target: arn('AwsDynamoDbTable', TABLE, { table: /[a-zA-Z0-9_.-]{3,255}/ }),
  clients: { dynamodb: DynamoDBClient },
  cloudFormation: 'AWS::DynamoDB::Table',
  terraform: 'aws_dynamodb_table',
  reads: [
    {
      actions: ['dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource'],
      resources: [TABLE],
      because: 'its attributes, status and tags',
    },
  ],
  writes: {
    actions: ['dynamodb:UpdateTable'],
    resources: [TABLE],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: {
    DeletionProtectionEnabled: { type: z.boolean(), default: false, terraform: 'deletion_protection_enabled' },
    [PITR]: {
      type: z.boolean(),
      default: false,
      cloudFormation: 'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
      terraform: 'point_in_time_recovery.enabled',
      reads: [
        {
          actions: ['dynamodb:DescribeContinuousBackups'],
          resources: [TABLE],
          because: 'whether point-in-time recovery is enabled',
        },
      ],
      actions: ['dynamodb:UpdateContinuousBackups'],
    },
    /** null: point-in-time recovery is disabled. */
    RecoveryPeriodInDays: {
      type: z.int().nullable(),
      default: null,
      cloudFormation: 'PointInTimeRecoverySpecification.RecoveryPeriodInDays',
      terraform: 'point_in_time_recovery.recovery_period_in_days',
      actions: ['dynamodb:UpdateContinuousBackups'],
    },
  },
  busyErrors: ['ContinuousBackupsUnavailableException', 'LimitExceededException', 'ResourceInUseException'],
}).by({
  async find({ dynamodb, target: { table: TableName } }, names) {
    const answer = await orUndefined(
      dynamodb.send(new DescribeTableCommand({ TableName })),
      'ResourceNotFoundException',
    );
    if (!answer?.Table) return undefined;
    const { TableArn, TableStatus, TableSizeBytes, DeletionProtectionEnabled } = answer.Table;
    const found = { TableArn, TableStatus, TableSizeBytes, DeletionProtectionEnabled };
    return names.includes(PITR) ? { ...found, ...(await recoveryOf(dynamodb, TableName)) } : found;
  },
  async change({ dynamodb, target: { table: TableName } }, values, from) {
    const { DeletionProtectionEnabled, PointInTimeRecoveryEnabled = from.PointInTimeRecoveryEnabled } = values;
    if (DeletionProtectionEnabled !== undefined)
      await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
    const RecoveryPeriodInDays = values.RecoveryPeriodInDays ?? undefined;
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled, RecoveryPeriodInDays };
    if (PointInTimeRecoveryEnabled !== undefined)
      await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  },
  async tags({ TableArn: ResourceArn }, { dynamodb }) {
    const tags: Tag[] = [];
    let NextToken: string | undefined;
    do {
      const page = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn, NextToken }));
      tags.push(...(page.Tags ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return tagsOfList(tags);
  },
  obstacle: ({ TableStatus = 'ACTIVE' }) =>
    STUCK.includes(TableStatus) ? `its status is ${TableStatus}, and AWS changes only active tables` : undefined,
  busy: ({ TableStatus = 'ACTIVE' }) => (TableStatus === 'ACTIVE' ? undefined : `its status is ${TableStatus}`),
});

async function recoveryOf(dynamodb: DynamoDBClient, TableName: string) {
  const answer = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  const recovery = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  const isEnabled = recovery?.PointInTimeRecoveryStatus === 'ENABLED';
  return { [PITR]: isEnabled, RecoveryPeriodInDays: isEnabled ? (recovery.RecoveryPeriodInDays ?? 35) : null };
}
