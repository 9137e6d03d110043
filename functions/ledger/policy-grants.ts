/** The permission to deploy one policy: a single item, which ends by itself if the API's function dies. */
import { randomBytes } from 'node:crypto';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandOutput,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../contract/errors.ts';
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
    const get = new GetItemCommand({ TableName, Key: KEY, ConsistentRead: true });
    const { Item } = await orWithoutTable(client.send(get));
    if (!Item || Number(Item.until?.N) < now()) return undefined;
    return { version: Number(Item.version!.N), digest: Item.digest!.S!, by: Item.by!.S! };
  },
});

/** The first policy is deployed before the ledger exists. Afterwards, a missing ledger permits nothing. */
async function orWithoutTable(answer: Promise<GetItemCommandOutput>): Promise<Pick<GetItemCommandOutput, 'Item'>> {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return {};
    throw error;
  }
}
