/** Incidents of the chapter "Messages and tickets". */
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { noDeadLetters, noFailures } from './ends.ts';
import type { Incident } from './incident.ts';
import { allOver, HOUR, type IncidentEnd, MINUTE, passed } from './incident-end.ts';
import { lockKey } from './resources.ts';
import type { Scene } from './scene.ts';

/** The place of tickets, and the path of its webhook. */
const PLACE = 'tickets';
const PATH = '/automation/webhooks/';
const QUEUE = `messages-${PLACE}-dlq`;

export const MESSAGE_INCIDENTS: readonly Incident[] = [
  {
    name: 'messages-dlq',
    shows: 'tickets are missing; the place takes them again after ten minutes',
    alarms: [QUEUE],
    needs: 'messages',
    hours: 0.25,
    async bringAbout(scene) {
      const end = refuseTickets(scene);
      return failingTicket(scene, 5 * MINUTE, allOver(end, noDeadLetters(scene, QUEUE)));
    },
  },
  {
    name: 'messages-failed',
    shows: 'tickets are missing, and no queue has them; the place takes them again after ten minutes',
    alarms: [`messages-${PLACE}-failed`],
    needs: 'messages',
    hours: 0.25,
    async bringAbout(scene) {
      const end = refuseTickets(scene);
      const policy = await takeQueuePolicy(scene);
      return failingTicket(scene, 5 * MINUTE, allOver(end, policy));
    },
  },
  {
    name: 'owner-messages-errors',
    shows: 'owners get no messages about their findings',
    needs: 'messages',
    async bringAbout(scene) {
      const end = await scene.deny(scene.roleOf('owner-messages'), 'dynamodb:*');
      await scene.run('owner-messages');
      return end;
    },
  },
];

/** The place answers 404 for a while, as if somebody had turned its rule off. */
function refuseTickets(scene: Scene): IncidentEnd {
  const end = passed(scene.kernel.clock, HOUR / 6);
  const receiver = scene.receiver!;
  const answer = receiver.answer;
  receiver.answer = (request) => (request.path.startsWith(PATH) && !end.isOver() ? { status: 404 } : answer(request));
  return end;
}

/** Fails, so that a ticket is due. Who mends the incident unlocks the key too. */
async function failingTicket(scene: Scene, ms: number, end: IncidentEnd): Promise<IncidentEnd> {
  const finding = await scene.arrange('KMS.4');
  const lock = await lockKey(scene, finding, 'kms:EnableKeyRotation');
  await scene.processFor(ms, finding);
  return { isOver: end.isOver, mend: allOver(end, lock, noFailures(scene, 'MemberAccessDenied')).mend };
}

/** Replaces the policy that lets EventBridge put messages into the queue. */
async function takeQueuePolicy(scene: Scene): Promise<IncidentEnd> {
  const sqs = () => new SQSClient(scene.security());
  const QueueUrl = `${scene.kernel.endpoint}/${scene.context.securityAccount}/${LAB_NAMES.own(QUEUE)}`;
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
  const policy = async () => (await sqs().send(get)).Attributes?.Policy ?? '{"Statement":[]}';
  const put = (Policy: string) => sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const before = await policy();
  const { Statement, ...document } = JSON.parse(before);
  const isOfEvents = (statement: object) => JSON.stringify(statement).includes('events.amazonaws.com');
  await put(JSON.stringify({ ...document, Statement: Statement.filter((each: object) => !isOfEvents(each)) }));
  return {
    isOver: async () => isOfEvents(JSON.parse(await policy())),
    mend: () => put(before),
  };
}
