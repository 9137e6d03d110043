/** DynamoDB.6: https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html#dynamodb-6 */
import { setting } from '../../kit/setting.ts';
import { dynamoDbTable } from '../table.ts';

export default setting(dynamoDbTable, {
  id: 'dynamodb/protect-tables',
  title: 'Protect a DynamoDB table from deletion',
  controls: ['DynamoDB.6'],
  risk: 'safe',
  wants: { DeletionProtectionEnabled: true },
});
