/** The permission to deploy one policy: a single item, which ends by itself if the API's function dies. */
import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { POLICY_GRANT } from '../domain/api-policy.ts';
import type { PolicyGrants } from '../ports/policy-grants.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, itemKey, numberAttribute } from './ledger-items.ts';

/** Longer than API Gateway waits for an answer. */
const MAX_GRANT_MS = 60_000;
const KEY = itemKey(POLICY_GRANT.pk, POLICY_GRANT.sk);

export const dynamoPolicyGrants = (
  TableName: string,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now,
): PolicyGrants => ({
  async take({ version, digest, by }) {
    const token = { S: randomBytes(16).toString('hex') };
    const until = numberAttribute(now() + MAX_GRANT_MS);
    const put = new PutItemCommand({
      TableName,
      Item: { ...KEY, token, until, version: numberAttribute(version), digest: { S: digest }, by: { S: by } },
      ConditionExpression: 'attribute_not_exists(pk) OR #until < :now',
      ExpressionAttributeNames: { '#until': 'until' },
      ExpressionAttributeValues: { ':now': numberAttribute(now()) },
    });
    if (!(await conditionHeld(client.send(put)))) return undefined;
    return async () => {
      const end = new DeleteItemCommand({
        TableName,
        Key: KEY,
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':token': token },
      });
      await conditionHeld(client.send(end));
    };
  },

  async current() {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: KEY, ConsistentRead: true }));
    if (!Item || Number(Item.until?.N) < now()) return undefined;
    return { version: Number(Item.version!.N), digest: Item.digest!.S!, by: Item.by!.S! };
  },
});
