/**
 * Changes that wait for a person's answer: one item each, which `statemachines/await-approval.asl.json` writes. It binds
 * the task token to execution and plan.
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { approvalId } from '../domain/approval.ts';
import { Job } from '../domain/job.ts';
import type { ApprovalStatus, Approvals, StoredAnswer, StoredApproval } from '../ports/approvals.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, type DynamoItem, expiryAttribute, itemKey } from './ledger-items.ts';

const APPROVALS = 'approvals';
/** As long as the execution can be redriven. The history keeps the answer longer. */
const KEPT_DAYS = 14;

export function dynamoApprovals(table: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Approvals {
  const update = (id: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<boolean> =>
    conditionHeld(client.send(new UpdateItemCommand({ TableName: table, Key: itemKey(APPROVALS, id), ...input })));

  return {
    async listWaiting(after) {
      const { Items, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          ...WAITING,
          ...(after !== undefined && { ExclusiveStartKey: itemKey(APPROVALS, after) }),
        }),
      );
      return { approvals: (Items ?? []).map(approvalIn), next: LastEvaluatedKey?.sk?.S };
    },

    async find(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: itemKey(APPROVALS, id), ConsistentRead: true }),
      );
      return Item && approvalIn(Item);
    },

    claim: (approval, answer) => update(approval.id, claimOf(approval, answer)),

    async settle({ id, token }, status) {
      await update(id, {
        UpdateExpression: 'SET #status = :status, expires = :expires',
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#status': 'status', '#token': 'token' },
        ExpressionAttributeValues: {
          ':status': { S: status },
          ':token': { S: token },
          ':expires': expiryAttribute(now(), KEPT_DAYS),
        },
      });
    },

    async recordOutcome({ execution, approval }) {
      if (!approval) return;
      const status: ApprovalStatus = approval.by === 'nobody' ? 'timedOut' : 'answered';
      await update(approvalId(execution), {
        UpdateExpression: 'SET #status = :status, answer = :answer, expires = :expires',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':status': { S: status },
          ':answer': { S: JSON.stringify(approval) },
          ':expires': expiryAttribute(now(), KEPT_DAYS),
        },
      });
    },
  };
}

/** Holds for the first answer alone, and for the plan and the execution that belong to the token. */
const claimOf = (
  { token, job }: StoredApproval,
  answer: StoredAnswer,
): Omit<UpdateItemCommandInput, 'TableName' | 'Key'> => ({
  UpdateExpression: 'SET #status = :answering, answer = :answer',
  ConditionExpression: '#status = :waiting AND #token = :token AND execution = :execution AND #plan = :plan',
  ExpressionAttributeNames: { '#status': 'status', '#token': 'token', '#plan': 'plan' },
  ExpressionAttributeValues: {
    ':answering': { S: 'answering' satisfies ApprovalStatus },
    ':waiting': { S: 'waiting' satisfies ApprovalStatus },
    ':token': { S: token },
    ':execution': { S: job.execution },
    ':plan': { S: answer.plan },
    ':answer': { S: JSON.stringify(answer) },
  },
});

const WAITING = {
  KeyConditionExpression: 'pk = :pk',
  FilterExpression: '#status IN (:waiting, :answering)',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: {
    ':pk': { S: APPROVALS },
    ':waiting': { S: 'waiting' satisfies ApprovalStatus },
    ':answering': { S: 'answering' satisfies ApprovalStatus },
  },
};

const approvalIn = (item: DynamoItem): StoredApproval => ({
  id: item.sk!.S!,
  status: item.status!.S as ApprovalStatus,
  token: item.token!.S!,
  job: Job.parse(JSON.parse(item.job!.S!)),
  askedAt: item.askedAt!.S!,
  ...(item.answer && { answer: JSON.parse(item.answer.S!) }),
});
