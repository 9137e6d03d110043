/** Incidents of the chapter "Messages and tickets". */
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { noDeadLetters } from './end-conditions.ts';
import { failWithLockedKey } from './failing-finding.ts';
import type { Incident } from './incident.ts';
import { allEnds, endsAfter, type IncidentEnd, MINUTE_MS } from './incident-end.ts';
import type { IncidentLab } from './incident-lab.ts';

/** The place of tickets, and the path of its webhook. */
const PLACE = 'tickets';
const PATH = '/automation/webhooks/';
const QUEUE = `messages-${PLACE}-dlq`;

export const MESSAGE_INCIDENTS: readonly Incident[] = [
  {
    name: 'messages-dlq',
    symptom: 'tickets are missing; the place takes them again after ten minutes',
    alarms: [QUEUE],
    requires: 'messages',
    hours: 0.25,
    async trigger(lab) {
      const end = refuseTickets(lab);
      return failWithLockedKey(lab, 5 * MINUTE_MS, allEnds(end, noDeadLetters(lab, QUEUE)));
    },
  },
  {
    name: 'messages-failed',
    symptom: 'tickets are missing, and no queue has them; the place takes them again after ten minutes',
    alarms: [`messages-${PLACE}-failed`],
    requires: 'messages',
    hours: 0.25,
    async trigger(lab) {
      const end = refuseTickets(lab);
      const policyEnd = await removeQueuePolicy(lab);
      return failWithLockedKey(lab, 5 * MINUTE_MS, allEnds(end, policyEnd));
    },
  },
  {
    name: 'owner-messages-errors',
    symptom: 'owners get no messages about their findings',
    requires: 'messages',
    async trigger(lab) {
      const end = await lab.deny(lab.roleOf('owner-messages'), 'dynamodb:*');
      await lab.invoke('owner-messages');
      return end;
    },
  },
];

/** Lets the place answer 404 for ten minutes, as if somebody had turned its rule off. */
function refuseTickets(lab: IncidentLab): IncidentEnd {
  const end = endsAfter(lab.kernel.clock, HOUR_MS / 6);
  const receiver = lab.receiver!;
  const answer = receiver.answer;
  receiver.answer = (request) => (request.path.startsWith(PATH) && !end.isOver() ? { status: 404 } : answer(request));
  return end;
}

/** Removes the statements that let EventBridge send messages to the queue. */
async function removeQueuePolicy(lab: IncidentLab): Promise<IncidentEnd> {
  const sqs = () => new SQSClient(lab.security());
  const QueueUrl = `${lab.kernel.endpoint}/${lab.context.securityAccount}/${LAB_NAMES.own(QUEUE)}`;
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
  const policy = async () => (await sqs().send(get)).Attributes?.Policy ?? '{"Statement":[]}';
  const put = (Policy: string) => sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const before = await policy();
  const { Statement, ...document } = JSON.parse(before);
  const isOfEvents = (statement: object) => JSON.stringify(statement).includes('events.amazonaws.com');
  await put(JSON.stringify({ ...document, Statement: Statement.filter((each: object) => !isOfEvents(each)) }));
  return {
    isOver: async () => isOfEvents(JSON.parse(await policy())),
    resolve: () => put(before),
  };
}
