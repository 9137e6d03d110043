/** Changes that wait for a person's answer, in the ledger: one item each, with the task token that answers. */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { Job } from '../domain/job.ts';
import { hash } from '../domain/trace.ts';
import { dynamoDb } from './dynamodb.ts';
import { expires, held, type Item, key } from './ledger-items.ts';

/** By which people name an approval: the same digits as in the execution's source identity. */
export const approvalId = (execution: string): string => hash(execution);

export type StoredAnswer = {
  readonly approved: boolean;
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
};

/** `answering`: somebody has answered, and the execution may not know yet. */
export type ApprovalStatus = 'waiting' | 'answering' | 'answered' | 'timedOut';

export type StoredApproval = {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly token: string;
  readonly made: Job;
  readonly askedAt: string;
  readonly answer?: StoredAnswer;
};

export type Approvals = {
  /** Asks once for each token, however often its message is delivered. */
  ask(token: string, job: Job, askedAt: string): Promise<void>;
  /** One page of those that are not over, and the id after which the next begins. */
  open(after?: string): Promise<{ readonly approvals: readonly StoredApproval[]; readonly next?: string }>;
  find(id: string): Promise<StoredApproval | undefined>;
  /** Keeps the first answer; false where there is one already, or the same change was asked for anew. */
  claim(approval: StoredApproval, answer: StoredAnswer): Promise<boolean>;
  /** The execution has the answer, or waits no more. */
  settle(approval: StoredApproval, status: 'answered' | 'timedOut'): Promise<void>;
  /** What the execution itself says of its approval, which counts most. */
  reported(job: Job): Promise<void>;
};

const APPROVALS = 'approvals';
/** Days for which an answered one is kept: as long as its execution can be redriven. The finding's history keeps the answer longer. */
const KEPT_DAYS = 14;

export function dynamoApprovals(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Approvals {
  return {
    async ask(token, job, askedAt) {
      const Item = {
        ...key(APPROVALS, approvalId(job.execution)),
        status: { S: 'waiting' satisfies ApprovalStatus },
        token: { S: token },
        job: { S: JSON.stringify(job) },
        askedAt: { S: askedAt },
        expires: expires(now()),
      };
      await held(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item,
            ConditionExpression: 'attribute_not_exists(pk) OR #token <> :token',
            ExpressionAttributeNames: { '#token': 'token' },
            ExpressionAttributeValues: { ':token': { S: token } },
          }),
        ),
      );
    },

    async open(after) {
      const { Items, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: '#status IN (:waiting, :answering)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':pk': { S: APPROVALS },
            ':waiting': { S: 'waiting' },
            ':answering': { S: 'answering' },
          },
          ...(after !== undefined && { ExclusiveStartKey: key(APPROVALS, after) }),
        }),
      );
      return { approvals: (Items ?? []).map(approvalIn), next: LastEvaluatedKey?.sk?.S };
    },

    async find(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: key(APPROVALS, id), ConsistentRead: true }),
      );
      return Item && approvalIn(Item);
    },

    claim: ({ id, token }, answer) =>
      held(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: key(APPROVALS, id),
            UpdateExpression: 'SET #status = :answering, answer = :answer',
            ConditionExpression: '#status = :waiting AND #token = :token',
            ExpressionAttributeNames: { '#status': 'status', '#token': 'token' },
            ExpressionAttributeValues: {
              ':answering': { S: 'answering' },
              ':waiting': { S: 'waiting' },
              ':token': { S: token },
              ':answer': { S: JSON.stringify(answer) },
            },
          }),
        ),
      ),

    async settle({ id, token }, status) {
      await held(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: key(APPROVALS, id),
            UpdateExpression: 'SET #status = :status, expires = :expires',
            ConditionExpression: '#token = :token',
            ExpressionAttributeNames: { '#status': 'status', '#token': 'token' },
            ExpressionAttributeValues: {
              ':status': { S: status },
              ':token': { S: token },
              ':expires': expires(now(), KEPT_DAYS),
            },
          }),
        ),
      );
    },

    async reported({ execution, approval }) {
      if (!approval) return;
      const status: ApprovalStatus = approval.by === 'nobody' ? 'timedOut' : 'answered';
      await held(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: key(APPROVALS, approvalId(execution)),
            UpdateExpression: 'SET #status = :status, answer = :answer, expires = :expires',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':status': { S: status },
              ':answer': { S: JSON.stringify(approval) },
              ':expires': expires(now(), KEPT_DAYS),
            },
          }),
        ),
      );
    },
  };
}

const approvalIn = (item: Item): StoredApproval => ({
  id: item.sk!.S!,
  status: item.status!.S as ApprovalStatus,
  token: item.token!.S!,
  made: Job.parse(JSON.parse(item.job!.S!)),
  askedAt: item.askedAt!.S!,
  ...(item.answer && { answer: JSON.parse(item.answer.S!) }),
});
