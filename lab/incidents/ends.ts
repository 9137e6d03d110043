/** Ends of incidents: what tells that a person has mended them, and how a person does it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetQueueAttributesCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { stopFunctions } from '../../sandbox/runtime/pool.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { type IncidentEnd, MINUTE } from './incident-end.ts';
import type { Scene } from './scene.ts';

const REASON = 'the cause is gone';

/** No finding is failed with this error: somebody replayed them when the cause was gone. */
export const noFailures = (scene: Scene, error: string): IncidentEnd => ({
  async isOver() {
    const ledger = ledgerQueries(LAB_NAMES.ledgerTable, new DynamoDBClient(scene.security()));
    return (await ledger.count({ status: 'FAILED', error })) === 0;
  },
  async mend() {
    await replayCommand(undefined, { ...scene.operator(), failed: true, error, reason: REASON });
    await scene.sandbox.settled();
  },
});

/** The dead-letter queue of this name, without the prefix, is empty: somebody sent the messages again. */
export const noDeadLetters = (scene: Scene, name: string): IncidentEnd => ({
  isOver: async () => (await queueDepth(scene, name)) === 0,
  async mend() {
    await dlqRedriveCommand(LAB_NAMES.own(name), { ...scene.operator(), reason: REASON });
    await scene.sandbox.settled();
  },
});

/** The messages of the queue have been read and deleted: nothing sends them again. */
export const noMessages = (scene: Scene, name: string, settings = () => scene.security()): IncidentEnd => ({
  isOver: async () => (await queueDepth(scene, name, settings())) === 0,
  mend: () => new SQSClient(settings()).send(new PurgeQueueCommand({ QueueUrl: queueUrl(scene, name) })),
});

/** The queue drains by itself. */
export const drained = (scene: Scene, name: string): IncidentEnd => ({
  isOver: async () => (await queueDepth(scene, name)) === 0,
  mend: () => scene.kernel.clock.advance(30 * MINUTE),
});

const queueUrl = ({ kernel, context }: Scene, name: string) =>
  `${kernel.endpoint}/${context.securityAccount}/${LAB_NAMES.own(name)}`;

export async function queueDepth(scene: Scene, name: string, settings: ClientSettings = scene.security()) {
  const QueueUrl = queueUrl(scene, name);
  const counts = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts] });
  const { Attributes } = await new SQSClient(settings).send(command);
  return counts.reduce((sum, count) => sum + Number(Attributes![count]), 0);
}

/** A person revoked the sessions that a role has now, by the inline policy that IAM's console writes. */
export function sessionsRevoked(scene: Scene, account: string, RoleName: string): IncidentEnd {
  const iam = () => new IAMClient(scene.sandbox.administrator(account));
  const since = scene.now();
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
    async mend() {
      const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date(scene.now()).toISOString() } };
      const Statement = [{ Effect: 'Deny', Action: '*', Resource: '*', Condition }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }));
      // Sessions of the function itself are revoked too. Lambda replaces them within hours.
      await stopFunctions(scene.kernel);
    },
  };
}
