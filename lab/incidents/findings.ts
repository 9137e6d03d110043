/** Incidents of the chapter "Findings". */

import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { drained, noDeadLetters, noFailures, sessionsRevoked } from './ends.ts';
import type { Incident } from './incident.ts';
import { allOver, HOUR, MINUTE, passed } from './incident-end.ts';
import { forgeJournal, invokeUnsigned, sendForgedUpdate, stealSession, THIEVES_REMEDIATION } from './intruders.ts';
import { lockKey, openSsh } from './resources.ts';
import { DATA, SHOP, TRAINING } from './scene.ts';

/** In this account policy archives findings of EC2.13. */
const ARCHIVED = { account: TRAINING };
const STOLEN = LAB_NAMES.executionRole(THIEVES_REMEDIATION);

export const FINDING_INCIDENTS: readonly Incident[] = [
  {
    name: 'executions-failed',
    shows: 'findings of one control fail in one account, and stay NEW',
    async bringAbout(scene) {
      const findings = [await scene.arrange('KMS.4'), await scene.arrange('KMS.4')];
      const ends = await Promise.all(findings.map((finding) => lockKey(scene, finding, 'kms:EnableKeyRotation')));
      await scene.process(...findings);
      return allOver(...ends, noFailures(scene, 'MemberAccessDenied'));
    },
  },
  {
    name: 'States.Timeout',
    shows: 'archived findings are still open after a day',
    hours: 27,
    alarms: ['executions-failed', 'finding-updates-dlq'],
    async bringAbout(scene) {
      const end = await scene.reserveNone('finding-updates');
      await scene.processFor(25 * HOUR, await scene.arrange('EC2.13', ARCHIVED));
      return allOver(end, noDeadLetters(scene, 'finding-updates-dlq'), noFailures(scene, 'States.Timeout'));
    },
  },
  {
    name: 'executions-aborted',
    shows: 'executions ended that nobody at Suture has ended',
    async bringAbout(scene) {
      const busy = await scene.reserveNone('proxy');
      const [trace] = await scene.processFor(MINUTE, await scene.arrange('EC2.13'));
      const executionArn = trace!.execution!.arn;
      await new SFNClient(scene.security()).send(new StopExecutionCommand({ executionArn }));
      await busy.mend();
      await scene.kernel.clock.advance(2 * MINUTE);
      return noFailures(scene, 'ExecutionAborted');
    },
  },
  {
    name: 'executions-throttled',
    shows: 'findings take longer than usual; it ends by itself after ten minutes',
    hours: 0.25,
    async bringAbout(scene) {
      const end = scene.faultFor(10 * MINUTE, (call) =>
        call.service === 'sfn' && call.operation === 'StartExecution' ? throttled(call) : undefined,
      );
      await scene.processFor(MINUTE, await scene.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'finding-events-dlq',
    shows: 'events of findings never reached the workflow',
    async bringAbout(scene) {
      const rules = { account: scene.context.securityAccount, name: LAB_NAMES.own('finding-rules') };
      const end = await scene.deny(rules, 'states:StartExecution');
      await scene.process(await scene.arrange('EC2.13'), await scene.arrange('EC2.13', { account: DATA }));
      return allOver(end, noDeadLetters(scene, 'finding-events-dlq'));
    },
  },
  {
    name: 'findings-rejected',
    shows: 'triage rejected findings',
    async bringAbout(scene) {
      for (let n = 0; n < 3; n++) {
        const finding = await scene.arrange('EC2.13');
        const Resources = finding.Resources.map((each) => ({ ...each, Id: each.Id.replace(SHOP, DATA) }));
        await scene.process({ ...finding, Resources });
      }
      return passed(scene.kernel.clock, HOUR);
    },
  },
  {
    name: 'unexplained-sessions',
    shows: 'a session of the member role has no execution that explains it',
    async bringAbout(scene) {
      const finding = await scene.arrange('EC2.13');
      const [trace] = await scene.process(finding);
      await scene.kernel.clock.advance(10 * MINUTE);
      await stealSession(scene, finding, trace!.execution!.arn);
      await scene.sandbox.settled();
      return sessionsRevoked(scene, scene.context.serviceAccount, STOLEN);
    },
  },
  {
    name: 'journal-differs',
    shows: 'a rollback was refused',
    alarmsAt: 'service',
    async bringAbout(scene) {
      const finding = await scene.arrange('EC2.13');
      await scene.process(finding);
      await forgeJournal(scene, finding);
      await rollbackCommand(finding.Id, { ...scene.operator(), reason: 'the owner needs the port' });
      await scene.sandbox.settled();
      return sessionsRevoked(scene, scene.context.serviceAccount, STOLEN);
    },
  },
  {
    name: 'unsigned-requests',
    shows: 'a remediation refused a request',
    alarmsAt: 'service',
    async bringAbout(scene) {
      await invokeUnsigned(scene, await scene.arrange('EC2.13'));
      await scene.sandbox.settled();
      return sessionsRevoked(scene, scene.context.serviceAccount, LAB_NAMES.invokerRole);
    },
  },
  {
    name: 'sessions-dlq',
    shows: 'sessions of the member role wait to be checked',
    hours: 4,
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('unexplained-sessions'), 'states:DescribeExecution');
      await scene.process(await scene.arrange('EC2.13'));
      await scene.kernel.clock.advance(2 * HOUR);
      return allOver(end, noDeadLetters(scene, 'sessions-dlq'));
    },
  },
  {
    name: 'recurring-findings',
    shows: 'a finding fails again every day',
    hours: 80,
    async bringAbout(scene) {
      const finding = await scene.arrange('EC2.13');
      await scene.process(finding);
      for (let day = 1; day <= 3; day++) {
        await openSsh(scene, finding);
        await scene.kernel.clock.advance(25 * HOUR);
        await scene.run('recurring-findings');
        await scene.sandbox.settled();
      }
      return noFailures(scene, 'StillFailing');
    },
  },
  {
    name: 'finding-updates-dlq',
    shows: 'fixed findings are not marked in Security Hub, and archived ones stay open',
    hours: 4,
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('finding-updates'), 'dynamodb:*');
      await scene.processFor(3 * HOUR, await scene.arrange('EC2.13', ARCHIVED));
      return allOver(end, noDeadLetters(scene, 'finding-updates-dlq'));
    },
  },
  {
    name: 'finding-updates-old',
    shows: 'updates of findings wait',
    alarms: ['finding-updates-old', 'finding-updates-throttled'],
    hours: 2,
    async bringAbout(scene) {
      const end = await scene.reserveNone('finding-updates');
      await scene.processFor(65 * MINUTE, await scene.arrange('EC2.13', ARCHIVED));
      return allOver(end, drained(scene, 'finding-updates'));
    },
  },
  {
    name: 'finding-updates-refused',
    shows: 'a message on the queue of updates was dropped',
    async bringAbout(scene) {
      const finding = await scene.arrange('EC2.13');
      await scene.process(finding);
      await sendForgedUpdate(scene, finding);
      await scene.sandbox.settled();
      return sessionsRevoked(scene, scene.context.securityAccount, LAB_NAMES.function('report'));
    },
  },
];
