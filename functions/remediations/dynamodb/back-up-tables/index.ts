/** DynamoDB.2: https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html#dynamodb-2 */
import { setting } from '../../kit/setting.ts';
import { dynamoDbTable } from '../table.ts';

export default setting(dynamoDbTable, {
  id: 'dynamodb/back-up-tables',
  title: 'Let DynamoDB restore a table to any second of 35 days',
  controls: ['DynamoDB.2'],
  risk: 'disruptive',
  wants: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: (current) => current ?? 35 },
});
