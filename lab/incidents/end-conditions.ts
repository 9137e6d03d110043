/** Ends that several incidents share: how to see that a person has resolved them, and how a person does it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetQueueAttributesCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { stopFunctions } from '../../sandbox/runtime/pool.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { type IncidentEnd, MINUTE_MS } from './incident-end.ts';
import type { IncidentLab } from './incident-lab.ts';

const REASON = 'the cause is gone';

/** Ends when no finding is failed with this error: somebody has replayed them. */
export const noFailures = (lab: IncidentLab, error: string): IncidentEnd => ({
  async isOver() {
    const ledger = ledgerQueries(LAB_NAMES.ledgerTable, new DynamoDBClient(lab.security()));
    return (await ledger.count({ status: 'FAILED', error })) === 0;
  },
  async resolve() {
    await replayCommand(undefined, { ...lab.operator(), failed: true, error, reason: REASON });
    await lab.settle();
  },
});

/**
 * Ends when the dead-letter queue is empty: somebody has redriven its messages.
 * @param name without the prefix
 */
export const noDeadLetters = (lab: IncidentLab, name: string): IncidentEnd => ({
  isOver: async () => (await queueDepth(lab, name)) === 0,
  async resolve() {
    await dlqRedriveCommand(LAB_NAMES.own(name), { ...lab.operator(), reason: REASON });
    await lab.settle();
  },
});

/** Ends when somebody has read and deleted the messages of the queue, which nothing redrives. */
export const noMessages = (lab: IncidentLab, name: string, settings = () => lab.security()): IncidentEnd => ({
  isOver: async () => (await queueDepth(lab, name, settings())) === 0,
  resolve: () => new SQSClient(settings()).send(new PurgeQueueCommand({ QueueUrl: queueUrl(lab, name) })),
});

/** Ends when the queue has drained by itself. */
export const queueDrained = (lab: IncidentLab, name: string): IncidentEnd => ({
  isOver: async () => (await queueDepth(lab, name)) === 0,
  resolve: () => lab.kernel.clock.advance(30 * MINUTE_MS),
});

const queueUrl = ({ kernel, context }: IncidentLab, name: string) =>
  `${kernel.endpoint}/${context.securityAccount}/${LAB_NAMES.own(name)}`;

export async function queueDepth(lab: IncidentLab, name: string, settings: ClientSettings = lab.security()) {
  const QueueUrl = queueUrl(lab, name);
  const counts = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts] });
  const { Attributes } = await new SQSClient(settings).send(command);
  return counts.reduce((sum, count) => sum + Number(Attributes![count]), 0);
}

/** Ends when a person has revoked the sessions that the role has now, by the inline policy that IAM's console writes. */
export function sessionsRevoked(lab: IncidentLab, account: string, RoleName: string): IncidentEnd {
  const iam = () => new IAMClient(lab.sandbox.administrator(account));
  const since = lab.now();
  return {
    async isOver() {
      const { PolicyNames = [] } = await iam().send(new ListRolePoliciesCommand({ RoleName }));
      for (const PolicyName of PolicyNames) {
        const { PolicyDocument } = await iam().send(new GetRolePolicyCommand({ RoleName, PolicyName }));
        const before = /aws:TokenIssueTime":\s*\[?\s*"([^"]+)"/.exec(decodeURIComponent(PolicyDocument!));
        if (before && Date.parse(before[1]!) >= since) return true;
      }
      return false;
    },
    async resolve() {
      const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date(lab.now()).toISOString() } };
      const Statement = [{ Effect: 'Deny', Action: '*', Resource: '*', Condition }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }));
      // Sessions of the function itself are revoked too. Lambda replaces them within hours.
      await stopFunctions(lab.kernel);
    },
  };
}
