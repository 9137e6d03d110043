import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { toSutureError } from '../contract/errors.ts';
import { Job } from '../domain/job.ts';
import { Ending, findingKey, historyKey, RECORD } from '../domain/ledger.ts';
import { parseInput } from '../domain/version.ts';
import type { FindingHistory } from '../ports/finding-history.ts';
import { dynamoDb } from './dynamodb.ts';
import { type DynamoItem, itemKey } from './ledger-items.ts';

export function dynamoFindingHistory(table: string, client: DynamoDBClient = dynamoDb()): FindingHistory {
  async function get(findingId: string, sortKey: string): Promise<DynamoItem | undefined> {
    try {
      const Key = itemKey(findingKey(findingId), sortKey);
      return (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
    } catch (error) {
      throw toSutureError(error, `the ledger's item of ${findingId}`);
    }
  }

  return {
    async noticeFacts(findingId) {
      const item = await get(findingId, RECORD);
      return {
        toldAt: item?.toldAt?.S,
        isAttempted: item?.countedBy !== undefined,
        execution: item?.lastExecution?.S,
        started: item?.lastStarted?.S,
      };
    },

    async ownersTurn(findingId) {
      const item = await get(findingId, RECORD);
      const status = item?.ofStatus?.S;
      if (item?.job?.S === undefined || (status !== 'NOTIFIED' && status !== 'WAITING')) return undefined;
      const { owner, dueBy } = parseInput(Job, JSON.parse(item.job.S));
      if (status === 'NOTIFIED') return { toldAt: item.settledAt?.S, owner };
      if (dueBy === undefined) return undefined;
      return { toldAt: item.countedBy === undefined ? item.toldAt?.S : undefined, owner };
    },

    async lastArrival(findingId) {
      const item = await get(findingId, RECORD);
      const receivedAt = item?.receivedAt?.S;
      return receivedAt === undefined ? undefined : { receivedAt, execution: item?.lastExecution?.S ?? 'an execution' };
    },

    async endedJob({ finding, ...line }) {
      const item = await get(finding, historyKey(line));
      if (item?.job?.S === undefined) return undefined;
      return { ending: Ending.parse(item.outcome?.S), job: parseInput(Job, JSON.parse(item.job.S)) };
    },
  };
}
