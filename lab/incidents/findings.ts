/** Incidents of the chapter "Findings". */

import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import {
  assumeMemberRoleAsAttacker,
  COMPROMISED_REMEDIATION,
  checkEnded,
  forgeJournal,
  invokeUnsigned,
  sendForgedUpdate,
  startWithForgedFinding,
} from './attacks.ts';
import { noDeadLetters, noFailures, queueDrained, sessionsRevoked } from './end-conditions.ts';
import type { Incident } from './incident.ts';
import { allEnds, endsAfter, MINUTE_MS } from './incident-end.ts';
import { DATA, SHOP, TRAINING } from './incident-lab.ts';
import { lockKey, openSsh } from './resources.ts';

/** In this account policy archives findings of EC2.13. */
const ARCHIVED = { account: TRAINING };
const COMPROMISED_ROLE = LAB_NAMES.executionRole(COMPROMISED_REMEDIATION);

export const FINDING_INCIDENTS: readonly Incident[] = [
  {
    name: 'executions-failed',
    symptom: 'findings of one control fail in one account, and stay NEW',
    async trigger(lab) {
      const findings = [await lab.arrange('KMS.4'), await lab.arrange('KMS.4')];
      const ends = await Promise.all(findings.map((finding) => lockKey(lab, finding, 'kms:EnableKeyRotation')));
      await lab.process(...findings);
      return allEnds(...ends, noFailures(lab, 'MemberAccessDenied'));
    },
  },
  {
    name: 'States.Timeout',
    symptom: 'archived findings are still open after a day',
    hours: 27,
    alarms: ['executions-failed', 'finding-updates-dlq'],
    async trigger(lab) {
      const end = await lab.throttle('finding-updates');
      await lab.processFor(25 * HOUR_MS, await lab.arrange('EC2.13', ARCHIVED));
      return allEnds(end, noDeadLetters(lab, 'finding-updates-dlq'), noFailures(lab, 'States.Timeout'));
    },
  },
  {
    name: 'executions-aborted',
    symptom: 'executions were stopped, and not by Suture',
    async trigger(lab) {
      const throttling = await lab.throttle('proxy');
      const [trace] = await lab.processFor(MINUTE_MS, await lab.arrange('EC2.13'));
      const executionArn = trace!.execution!.arn;
      await new SFNClient(lab.security()).send(new StopExecutionCommand({ executionArn }));
      await throttling.resolve();
      await lab.kernel.clock.advance(2 * MINUTE_MS);
      return noFailures(lab, 'ExecutionAborted');
    },
  },
  {
    name: 'executions-throttled',
    symptom: 'findings take longer than usual; it ends by itself after ten minutes',
    hours: 0.25,
    async trigger(lab) {
      const end = lab.faultFor(10 * MINUTE_MS, (call) =>
        call.service === 'sfn' && call.operation === 'StartExecution' ? throttled(call) : undefined,
      );
      await lab.processFor(MINUTE_MS, await lab.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'finding-events-dlq',
    symptom: 'events of findings never reached the workflow',
    async trigger(lab) {
      const rules = { account: lab.context.securityAccount, name: LAB_NAMES.own('finding-rules') };
      const end = await lab.deny(rules, 'states:StartExecution');
      await lab.process(await lab.arrange('EC2.13'), await lab.arrange('EC2.13', { account: DATA }));
      return allEnds(end, noDeadLetters(lab, 'finding-events-dlq'));
    },
  },
  {
    name: 'findings-rejected',
    symptom: 'triage rejected findings',
    async trigger(lab) {
      const executions: string[] = [];
      for (let n = 0; n < 3; n++) {
        const finding = await lab.arrange('EC2.13');
        const Resources = finding.Resources.map((each) => ({ ...each, Id: each.Id.replace(SHOP, DATA) }));
        executions.push(await startWithForgedFinding(lab, { ...finding, Resources }));
      }
      await lab.settle();
      await checkEnded(lab, executions);
      return endsAfter(lab.kernel.clock, HOUR_MS);
    },
  },
  {
    name: 'unexplained-sessions',
    symptom: 'a session of the member role has no execution that explains it',
    async trigger(lab) {
      const finding = await lab.arrange('EC2.13');
      const [trace] = await lab.process(finding);
      await lab.kernel.clock.advance(10 * MINUTE_MS);
      await assumeMemberRoleAsAttacker(lab, finding, trace!.execution!.arn);
      await lab.settle();
      return sessionsRevoked(lab, lab.context.serviceAccount, COMPROMISED_ROLE);
    },
  },
  {
    name: 'journal-differs',
    symptom: 'a rollback was refused',
    alarmsAt: 'service',
    async trigger(lab) {
      const finding = await lab.arrange('EC2.13');
      await lab.process(finding);
      await forgeJournal(lab, finding);
      await rollbackCommand(finding.Id, { ...lab.operator(), reason: 'the owner needs the port' });
      await lab.settle();
      return sessionsRevoked(lab, lab.context.serviceAccount, COMPROMISED_ROLE);
    },
  },
  {
    name: 'unsigned-requests',
    symptom: 'a remediation refused a request',
    alarmsAt: 'service',
    async trigger(lab) {
      await invokeUnsigned(lab, await lab.arrange('EC2.13'));
      await lab.settle();
      return sessionsRevoked(lab, lab.context.serviceAccount, LAB_NAMES.invokerRole);
    },
  },
  {
    name: 'sessions-dlq',
    symptom: 'sessions of the member role wait to be checked',
    hours: 4,
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('unexplained-sessions'), 'states:DescribeExecution');
      await lab.process(await lab.arrange('EC2.13'));
      await lab.kernel.clock.advance(2 * HOUR_MS);
      return allEnds(end, noDeadLetters(lab, 'sessions-dlq'));
    },
  },
  {
    name: 'recurring-findings',
    symptom: 'a finding fails again every day',
    hours: 80,
    async trigger(lab) {
      const finding = await lab.arrange('EC2.13');
      await lab.process(finding);
      for (let day = 1; day <= 3; day++) {
        await openSsh(lab, finding);
        await lab.kernel.clock.advance(25 * HOUR_MS);
        await lab.invoke('recurring-findings');
        await lab.settle();
      }
      return noFailures(lab, 'StillFailing');
    },
  },
  {
    name: 'finding-updates-dlq',
    symptom: 'fixed findings are not marked in Security Hub, and archived ones stay open',
    hours: 4,
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('finding-updates'), 'dynamodb:*');
      await lab.processFor(3 * HOUR_MS, await lab.arrange('EC2.13', ARCHIVED));
      return allEnds(end, noDeadLetters(lab, 'finding-updates-dlq'));
    },
  },
  {
    name: 'finding-updates-old',
    symptom: 'updates of findings wait',
    alarms: ['finding-updates-old', 'finding-updates-throttled'],
    hours: 2,
    async trigger(lab) {
      const end = await lab.throttle('finding-updates');
      await lab.processFor(65 * MINUTE_MS, await lab.arrange('EC2.13', ARCHIVED));
      return allEnds(end, queueDrained(lab, 'finding-updates'));
    },
  },
  {
    name: 'finding-updates-refused',
    symptom: 'a message on the queue of updates was dropped',
    async trigger(lab) {
      const finding = await lab.arrange('EC2.13');
      await lab.process(finding);
      await sendForgedUpdate(lab, finding);
      await lab.settle();
      return sessionsRevoked(lab, lab.context.securityAccount, LAB_NAMES.function('report'));
    },
  },
];
