/** Incidents of the chapter "Functions". */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import { AddPermissionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { drained, noDeadLetters, noFailures, noMessages } from './ends.ts';
import { failingFinding } from './failing-finding.ts';
import type { Incident } from './incident.ts';
import { allOver, HOUR, type IncidentEnd, MINUTE } from './incident-end.ts';
import { lockKey } from './resources.ts';
import { DATA, type RoleAt, type Scene, SHOP, TRAINING } from './scene.ts';

const invoker = ({ context }: Scene): RoleAt => ({ account: context.serviceAccount, name: LAB_NAMES.invokerRole });

/** What the schedule of each morning sends. */
const DIGEST = { digest: 'day' };

export const FUNCTION_INCIDENTS: readonly Incident[] = [
  {
    name: 'function-throttled',
    shows: 'findings take longer, and one function is throttled',
    alarms: ['report-throttled'],
    async bringAbout(scene) {
      const end = await scene.reserveNone('report');
      await scene.processFor(MINUTE, await scene.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'triage-errors',
    shows: 'no finding gets through triage',
    alarms: ['triage-errors', 'executions-failed'],
    hours: 3,
    bringAbout: (scene) => failingFinding(scene, scene.roleOf('triage'), 'dynamodb:*'),
  },
  {
    name: 'proxy-errors',
    shows: 'no remediation makes a change',
    alarms: ['proxy-errors', 'executions-failed'],
    hours: 3,
    bringAbout: (scene) => failingFinding(scene, invoker(scene), 'lambda:InvokeFunction'),
  },
  {
    name: 'report-errors',
    shows: 'resources are fixed, and the ledger does not say so',
    alarms: ['report-errors', 'executions-failed'],
    hours: 3,
    bringAbout: (scene) => failingFinding(scene, scene.roleOf('report'), 'events:PutEvents'),
  },
  {
    name: 'finding-updates-errors',
    shows: 'archived findings stay open; it ends by itself after half an hour',
    hours: 0.25,
    async bringAbout(scene) {
      const end = scene.faultFor(HOUR / 2, ({ operation }) =>
        operation === 'BatchUpdateFindings' ? { kind: 'late', seconds: 300 } : undefined,
      );
      await scene.processFor(10 * MINUTE, await scene.arrange('EC2.13', { account: TRAINING }));
      return allOver(end, drained(scene, 'finding-updates'));
    },
  },
  {
    name: 'approvals-errors',
    shows: 'a person could not answer a request',
    async bringAbout(scene) {
      await scene.processFor(2 * MINUTE, await scene.arrange('EC2.2', { account: DATA }));
      const api = await approvalApi(new APIGatewayClient(scene.security()));
      const [waiting] = (await api.list()).filter(({ control, account }) => control === 'EC2.2' && account === DATA);
      const end = await scene.deny(
        scene.roleOf('approvals'),
        'dynamodb:UpdateItem',
        'dynamodb:TransactWriteItems',
        'dynamodb:PutItem',
      );
      await attempt(() => api.answer(waiting!.id, { answer: 'approve', reason: 'nothing uses it' }));
      return end;
    },
  },
  {
    name: 'api-errors',
    shows: 'a person could not stop Suture',
    alarms: ['api-errors', 'api-gateway-errors'],
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('api'), 'dynamodb:*');
      await attempt(() => stopClient(scene).stop('looking into failures'));
      return end;
    },
  },
  {
    name: 'api-gateway-errors',
    shows: 'every command that writes gets an answer of 500',
    async bringAbout(scene) {
      const end = await takeInvokePermissions(scene);
      await attempt(() => stopClient(scene).stop('looking into failures'));
      return end;
    },
  },
  {
    name: 'directory-errors',
    shows: 'the accounts of the organization could not be listed',
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('directory'), 'organizations:*');
      await scene.run('directory');
      return end;
    },
  },
  {
    name: 'directory-stale',
    shows: 'the list of accounts is old',
    async bringAbout(scene) {
      const Name = LAB_NAMES.own('directory');
      const events = () => new EventBridgeClient(scene.security());
      await events().send(new DisableRuleCommand({ Name }));
      scene.disabledRules.push(Name);
      return {
        async isOver() {
          const { Rules } = await events().send(new ListRulesCommand({ NamePrefix: Name }));
          return Rules!.find((rule) => rule.Name === Name)?.State === 'ENABLED';
        },
        mend: () => events().send(new EnableRuleCommand({ Name })),
      };
    },
  },
  {
    name: 'failures-errors',
    shows: 'executions have failed, and the ledger does not show them',
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('failures'), 'dynamodb:*');
      return failWithLockedKey(scene, 2 * MINUTE, allOver(end, drained(scene, 'failures')));
    },
  },
  {
    name: 'failures-dlq',
    shows: 'executions failed an hour ago, and nobody was notified',
    alarms: ['failures-dlq', 'failures-errors', 'executions-failed'],
    hours: 4,
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('failures'), 'dynamodb:*');
      return failWithLockedKey(scene, 2 * HOUR, allOver(end, noDeadLetters(scene, 'failures-dlq')));
    },
  },
  {
    name: 'failures-old',
    shows: 'executions failed half an hour ago, and the ledger does not show them',
    alarms: ['failures-old', 'failures-throttled', 'executions-failed'],
    async bringAbout(scene) {
      const end = await scene.reserveNone('failures');
      return failWithLockedKey(scene, 35 * MINUTE, allOver(end, drained(scene, 'failures')));
    },
  },
  {
    name: 'orphaned-executions-errors',
    shows: 'nobody looks for executions whose events got lost',
    async bringAbout(scene) {
      const end = await scene.deny(
        scene.roleOf('orphaned-executions'),
        'states:ListExecutions',
        'states:DescribeExecution',
      );
      await scene.run('orphaned-executions');
      return end;
    },
  },
  {
    name: 'recurring-findings-errors',
    shows: 'nobody looks for findings that fail again',
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('recurring-findings'), 'securityhub:GetFindings');
      await scene.run('recurring-findings');
      return end;
    },
  },
  {
    name: 'notify-errors',
    shows: 'findings need a person, and no message says so',
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('notify'), 'sns:Publish');
      await scene.runLater('notify', DIGEST);
      return failWithLockedKey(scene, MINUTE, end);
    },
  },
  {
    name: 'notify-dlq',
    shows: 'messages to people are in a queue',
    alarms: ['notify-dlq', 'notify-errors'],
    hours: 2,
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('notify'), 'sns:Publish');
      await scene.runLater('notify', DIGEST);
      return failWithLockedKey(scene, HOUR, allOver(end, noMessages(scene, 'notify-dlq')), DATA);
    },
  },
  {
    name: 'ledger-throttled',
    shows: 'attempts are retried; it ends by itself after ten minutes',
    alarms: ['ledger-writes-throttled'],
    hours: 0.25,
    async bringAbout(scene) {
      const end = scene.faultFor(10 * MINUTE, (call) =>
        call.service === 'dynamodb' && call.operation === 'TransactWriteItems' ? throttled(call) : undefined,
      );
      await scene.processFor(MINUTE, await scene.arrange('EC2.13'));
      return end;
    },
  },
];

/** A request of a person that the API answers with 5xx, as the incident wants it. */
async function attempt(request: () => Promise<unknown>): Promise<void> {
  const answer = await request().then(
    () => 'done',
    ({ message }: Error) => message,
  );
  if (!/Internal server error|answered 5/.test(answer)) throw new Error(`The API did not fail: ${answer}`);
}

const stopClient = (scene: Scene) => stopsClient(new DynamoDBClient(scene.security()), () => scene.now());

/** An execution fails because a key is locked. The incident is over without that; who mends it unlocks the key too. */
async function failWithLockedKey(
  scene: Scene,
  ms: number,
  end: IncidentEnd,
  account: string = SHOP,
): Promise<IncidentEnd> {
  const finding = await scene.arrange('KMS.4', { account });
  const lock = await lockKey(scene, finding, 'kms:EnableKeyRotation');
  await scene.processFor(ms, finding);
  return { isOver: end.isOver, mend: allOver(end, lock, noFailures(scene, 'MemberAccessDenied')).mend };
}

/** Removes the statements by which API Gateway invokes the API's function, and keeps them to add them again. */
async function takeInvokePermissions(scene: Scene): Promise<IncidentEnd> {
  const FunctionName = LAB_NAMES.function('api');
  const lambda = () => new LambdaClient(scene.security());
  const statements = async (): Promise<any[]> => {
    try {
      return JSON.parse((await lambda().send(new GetPolicyCommand({ FunctionName }))).Policy!).Statement;
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      return [];
    }
  };
  const taken = await statements();
  for (const { Sid } of taken) await lambda().send(new RemovePermissionCommand({ FunctionName, StatementId: Sid }));
  return {
    isOver: async () => (await statements()).length > 0,
    async mend() {
      for (const { Sid, Principal, Action, Condition } of taken)
        await lambda().send(
          new AddPermissionCommand({
            ...{ FunctionName, StatementId: Sid, Action, Principal: Principal.Service },
            SourceArn: Condition?.ArnLike?.['AWS:SourceArn'],
          }),
        );
    },
  };
}
