/** DynamoDB.2: https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html#dynamodb-2 */
import { storageCost } from '../../kit/monthly-cost.ts';
import { setting } from '../../kit/setting.ts';
import { dynamoDbTable } from '../table.ts';

export default setting(dynamoDbTable, {
  id: 'dynamodb/back-up-tables',
  title: 'Let DynamoDB restore a table to any second of 35 days',
  controls: ['DynamoDB.2'],
  // It costs money each month, so a person agrees by default.
  risk: 'disruptive',
  costs: (_, __, { TableSizeBytes }) => storageCost('dynamoRecovery', TableSizeBytes, 'the table'),
  wants: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: (current) => current ?? 35 },
});
