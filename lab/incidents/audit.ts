/** Incidents of the chapter "The audit chain". */

import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { noMessages } from './end-conditions.ts';
import type { Incident } from './incident.ts';
import { allEnds, MINUTE_MS } from './incident-end.ts';

export const AUDIT_INCIDENTS: readonly Incident[] = [
  {
    name: 'audit-trail-errors',
    symptom: 'changes of the ledger do not reach the audit chain',
    requires: 'audit',
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('audit-trail'), 's3:PutObject');
      await lab.processFor(5 * MINUTE_MS, await lab.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'audit-trail-late',
    symptom: 'the audit chain is late',
    alarms: ['audit-trail-late', 'audit-trail-throttled'],
    requires: 'audit',
    hours: 3,
    async trigger(lab) {
      const end = await lab.throttle('audit-trail');
      await lab.processFor(2 * HOUR_MS, await lab.arrange('EC2.13'));
      return end;
    },
  },
  {
    name: 'audit-trail-dlq',
    symptom: 'changes of the ledger are missing in the audit chain',
    alarms: ['audit-trail-dlq', 'audit-trail-throttled'],
    requires: 'audit',
    hours: 26,
    async trigger(lab) {
      const end = await lab.throttle('audit-trail');
      await lab.processFor(25 * HOUR_MS, await lab.arrange('EC2.13'));
      return allEnds(end, noMessages(lab, 'audit-trail-dlq'));
    },
  },
];
