/** Proposals, by id. Each change is one transaction with its line in the audit trail. */
import { randomBytes } from 'node:crypto';
import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { SutureError } from '../contract/errors.ts';
import { PROPOSAL_AUDIT, PROPOSALS, Proposal } from '../domain/proposal.ts';
import type { Proposals } from '../ports/proposals.ts';
import { dynamoDb } from './dynamodb.ts';
import { type DynamoItem, expiryAttribute, itemKey, transactWrite } from './ledger-items.ts';

const RECENT = 50;

type AuditLine = { readonly by: string; readonly at: string; readonly action: string; readonly reason?: string };

export function dynamoProposals(TableName: string, client: DynamoDBClient = dynamoDb(), now = Date.now): Proposals {
  const { put, auditOf } = writesOf(TableName, now);
  return {
    async add(proposal) {
      const item = put(proposal, { ConditionExpression: 'attribute_not_exists(pk)' });
      const line = auditOf(proposal, { ...proposal, action: proposal.alone === undefined ? 'proposed' : 'alone' });
      await client.send(new TransactWriteItemsCommand({ TransactItems: [item, line] }));
    },

    async find(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: itemKey(PROPOSALS, id), ConsistentRead: true }),
      );
      return Item && proposalIn(Item);
    },

    async recent() {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: PROPOSALS } },
          ScanIndexForward: false,
          Limit: RECENT,
        }),
      );
      return Items.map(proposalIn);
    },

    async answer(proposal, state, answer) {
      const item = put({ ...proposal, state, answer }, firstAnswer(answer.by));
      const line = auditOf(proposal, { ...answer, action: state });
      const [first] = (await transactWrite(client, [item, line])) ?? [];
      if (first === undefined || first.Code === 'ConditionalCheckFailed') return first === undefined;
      throw new SutureError('Throttled', `DynamoDB did not store the answer: ${first.Code}. Answer again.`);
    },

    async finish(proposal, by, at) {
      const item = put({ ...proposal, state: 'done' }, { ConditionExpression: 'attribute_exists(pk)' });
      await client.send(
        new TransactWriteItemsCommand({ TransactItems: [item, auditOf(proposal, { by, at, action: 'done' })] }),
      );
    },
  };
}

/** Returns functions for the two writes of a transaction: a proposal, and its line in the audit trail. */
function writesOf(TableName: string, now: () => number) {
  const expires = () => expiryAttribute(now());
  return {
    put: (proposal: Proposal, condition: object): TransactWriteItem => ({
      Put: {
        TableName,
        Item: {
          ...itemKey(PROPOSALS, proposal.id),
          state: { S: proposal.state },
          ...(proposal.answer && { answeredBy: { S: proposal.answer.by } }),
          proposal: { S: JSON.stringify(proposal) },
          expires: expires(),
        },
        ...(condition as { ConditionExpression: string }),
      },
    }),
    auditOf: ({ id, kind, digest, summary, alone }: Proposal, { by, at, action, reason }: AuditLine) => ({
      Put: {
        TableName,
        Item: {
          ...itemKey(PROPOSAL_AUDIT, `${at}#${randomBytes(4).toString('hex')}`),
          ...{ at: { S: at }, by: { S: by }, action: { S: `${kind} ${action}` } },
          ...{ proposal: { S: id }, digest: { S: digest }, widens: { N: String(summary.length) } },
          ...(reason && { reason: { S: reason } }),
          ...(alone && { alone: { S: alone } }),
          expires: expires(),
        },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    }),
  };
}

const firstAnswer = (by: string) => ({
  ConditionExpression: '#state = :open OR (#state = :approved AND answeredBy = :by)',
  ExpressionAttributeNames: { '#state': 'state' },
  ExpressionAttributeValues: { ':open': { S: 'open' }, ':approved': { S: 'approved' }, ':by': { S: by } },
});

const proposalIn = ({ proposal }: DynamoItem): Proposal => Proposal.parse(JSON.parse(proposal!.S!));
