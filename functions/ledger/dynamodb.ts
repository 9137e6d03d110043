/** DynamoDB's client of this instance: made when first used, and kept, for each new one opens connections of its own. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

let client: DynamoDBClient | undefined;

export function dynamoDb(): DynamoDBClient {
  client ??= new DynamoDBClient({ maxAttempts: 3 });
  return client;
}
