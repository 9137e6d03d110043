/** Incidents of the chapter "Functions". */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { expectServerError, removeInvokePermissions, stopSuture } from './api-requests.ts';
import { noDeadLetters, noMessages, queueDrained } from './end-conditions.ts';
import { failingFinding, failWithLockedKey } from './failing-finding.ts';
import type { Incident } from './incident.ts';
import { allEnds, MINUTE_MS } from './incident-end.ts';
import { DATA, type IncidentLab, type RoleAt, TRAINING } from './incident-lab.ts';

const invoker = ({ context }: IncidentLab): RoleAt => ({
  account: context.serviceAccount,
  name: LAB_NAMES.invokerRole,
});

/**
 * A person's message to everybody. Unlike a digest and an event, notify always sends it: a digest may have nothing to say,
 * and only the first event of a kind is sent at once.
 */
const announcementOf = (lab: IncidentLab) => ({
  message: {
    by: `arn:aws:sts::${lab.context.securityAccount}:assumed-role/suture-operator/grace`,
    at: new Date(lab.now()).toISOString(),
    words: 'The network of shop-production is changed tonight: some findings may fail.',
  },
});

export const FUNCTION_INCIDENTS: readonly Incident[] = [
  {
    name: 'function-throttled',
    symptom: 'findings take longer, and one function is throttled',
    alarms: ['report-throttled'],
    async trigger(lab) {
      const end = await lab.throttle('report');
      await lab.processFor(MINUTE_MS, await lab.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'triage-errors',
    symptom: 'no finding gets through triage',
    alarms: ['triage-errors', 'executions-failed'],
    hours: 3,
    trigger: (lab) => failingFinding(lab, lab.roleOf('triage'), 'dynamodb:*'),
  },
  {
    name: 'proxy-errors',
    symptom: 'no remediation makes a change',
    alarms: ['proxy-errors', 'executions-failed'],
    hours: 3,
    trigger: (lab) => failingFinding(lab, invoker(lab), 'lambda:InvokeFunction'),
  },
  {
    name: 'report-errors',
    symptom: 'resources are fixed, and the ledger does not say so',
    alarms: ['report-errors', 'executions-failed'],
    hours: 3,
    trigger: (lab) => failingFinding(lab, lab.roleOf('report'), 'events:PutEvents'),
  },
  {
    name: 'finding-updates-errors',
    symptom: 'archived findings stay open; it ends by itself after half an hour',
    hours: 0.25,
    async trigger(lab) {
      const end = lab.faultFor(HOUR_MS / 2, ({ operation }) =>
        operation === 'BatchUpdateFindings' ? { kind: 'late', seconds: 300 } : undefined,
      );
      await lab.processFor(10 * MINUTE_MS, await lab.arrange('EC2.13', { account: TRAINING }));
      return allEnds(end, queueDrained(lab, 'finding-updates'));
    },
  },
  {
    name: 'approvals-errors',
    symptom: 'a person could not answer a request',
    async trigger(lab) {
      await lab.processFor(2 * MINUTE_MS, await lab.arrange('EC2.2', { account: DATA }));
      const api = await approvalApi(new APIGatewayClient(lab.security()));
      const [waiting] = (await api.list()).filter(({ control, account }) => control === 'EC2.2' && account === DATA);
      const end = await lab.deny(
        lab.roleOf('approvals'),
        'dynamodb:UpdateItem',
        'dynamodb:TransactWriteItems',
        'dynamodb:PutItem',
      );
      await expectServerError(() => api.answer(waiting!.id, { answer: 'approve', reason: 'nothing uses it' }));
      return end;
    },
  },
  {
    name: 'api-errors',
    symptom: 'a person could not stop Suture',
    alarms: ['api-errors', 'api-gateway-errors'],
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('api'), 'dynamodb:*');
      await expectServerError(() => stopSuture(lab));
      return end;
    },
  },
  {
    name: 'api-gateway-errors',
    symptom: 'every command that writes gets an answer of 500',
    async trigger(lab) {
      const end = await removeInvokePermissions(lab);
      await expectServerError(() => stopSuture(lab));
      return end;
    },
  },
  {
    name: 'directory-errors',
    symptom: 'the accounts of the organization could not be listed',
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('directory'), 'organizations:*');
      await lab.invoke('directory');
      return end;
    },
  },
  {
    name: 'directory-stale',
    symptom: 'the list of accounts is old',
    async trigger(lab) {
      const Name = LAB_NAMES.own('directory');
      const events = () => new EventBridgeClient(lab.security());
      await events().send(new DisableRuleCommand({ Name }));
      lab.disabledRules.push(Name);
      return {
        async isOver() {
          const { Rules } = await events().send(new ListRulesCommand({ NamePrefix: Name }));
          return Rules!.find((rule) => rule.Name === Name)?.State === 'ENABLED';
        },
        resolve: () => events().send(new EnableRuleCommand({ Name })),
      };
    },
  },
  {
    name: 'failures-errors',
    symptom: 'executions have failed, and the ledger does not show them',
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('failures'), 'dynamodb:*');
      return failWithLockedKey(lab, 2 * MINUTE_MS, allEnds(end, queueDrained(lab, 'failures')));
    },
  },
  {
    name: 'failures-dlq',
    symptom: 'executions failed an hour ago, and nobody was notified',
    alarms: ['failures-dlq', 'failures-errors', 'executions-failed'],
    hours: 4,
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('failures'), 'dynamodb:*');
      return failWithLockedKey(lab, 2 * HOUR_MS, allEnds(end, noDeadLetters(lab, 'failures-dlq')));
    },
  },
  {
    name: 'failures-old',
    symptom: 'executions failed half an hour ago, and the ledger does not show them',
    alarms: ['failures-old', 'failures-throttled', 'executions-failed'],
    async trigger(lab) {
      const end = await lab.throttle('failures');
      return failWithLockedKey(lab, 35 * MINUTE_MS, allEnds(end, queueDrained(lab, 'failures')));
    },
  },
  {
    name: 'orphaned-executions-errors',
    symptom: 'nobody looks for executions whose events got lost',
    async trigger(lab) {
      const end = await lab.deny(
        lab.roleOf('orphaned-executions'),
        'states:ListExecutions',
        'states:DescribeExecution',
      );
      await lab.invoke('orphaned-executions');
      return end;
    },
  },
  {
    name: 'recurring-findings-errors',
    symptom: 'nobody looks for findings that fail again',
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('recurring-findings'), 'securityhub:GetFindings');
      await lab.invoke('recurring-findings');
      return end;
    },
  },
  {
    name: 'notify-errors',
    symptom: 'findings need a person, and no message says so',
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('notify'), 'sns:Publish');
      await lab.invokeAsync('notify', announcementOf(lab));
      return failWithLockedKey(lab, MINUTE_MS, end);
    },
  },
  {
    name: 'notify-dlq',
    symptom: 'messages to people are in a queue',
    alarms: ['notify-dlq', 'notify-errors'],
    hours: 2,
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('notify'), 'sns:Publish');
      await lab.invokeAsync('notify', announcementOf(lab));
      return failWithLockedKey(lab, HOUR_MS, allEnds(end, noMessages(lab, 'notify-dlq')), DATA);
    },
  },
  {
    name: 'ledger-throttled',
    symptom: 'attempts are retried; it ends by itself after ten minutes',
    alarms: ['ledger-writes-throttled'],
    hours: 0.25,
    async trigger(lab) {
      const end = lab.faultFor(10 * MINUTE_MS, (call) =>
        call.service === 'dynamodb' && call.operation === 'TransactWriteItems' ? throttled(call) : undefined,
      );
      await lab.processFor(MINUTE_MS, await lab.arrange('EC2.13'));
      return end;
    },
  },
];
