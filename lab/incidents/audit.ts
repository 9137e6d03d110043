/** Incidents of the chapter "The audit chain". */
import { noMessages } from './ends.ts';
import type { Incident } from './incident.ts';
import { allOver, HOUR, MINUTE } from './incident-end.ts';

export const AUDIT_INCIDENTS: readonly Incident[] = [
  {
    name: 'audit-trail-errors',
    shows: 'changes of the ledger do not reach the audit chain',
    needs: 'audit',
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('audit-trail'), 's3:PutObject');
      await scene.processFor(5 * MINUTE, await scene.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'audit-trail-late',
    shows: 'the audit chain is late',
    alarms: ['audit-trail-late', 'audit-trail-throttled'],
    needs: 'audit',
    hours: 3,
    async bringAbout(scene) {
      const end = await scene.reserveNone('audit-trail');
      await scene.processFor(2 * HOUR, await scene.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'audit-trail-dlq',
    shows: 'changes of the ledger are missing in the audit chain',
    alarms: ['audit-trail-dlq', 'audit-trail-throttled'],
    needs: 'audit',
    hours: 26,
    async bringAbout(scene) {
      const end = await scene.reserveNone('audit-trail');
      await scene.processFor(25 * HOUR, await scene.arrange('EC2.13'));
      return allOver(end, noMessages(scene, 'audit-trail-dlq'));
    },
  },
];
