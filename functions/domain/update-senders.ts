/**
 * Which role may send which message of the finding-update queue. SQS attests the sender of a message in its SenderId,
 * for a role `<unique id of the role>:<session name>`; nothing in a message says who sent it.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
import type { QueueMessage } from './job.ts';

export type UpdateSender = 'workflow' | 'report' | 'failures' | 'recurringFindings' | 'api';
/** Unique ids of roles, such as `AROADBQP57FF2AEXAMPLE`. A role that is created again has another one. */
export type SenderIds = Readonly<Record<UpdateSender, string>>;

/** The API sends dead letters again: they are checked again here, and it never requests an approval. */
const SENDERS: Readonly<Record<QueueMessage['kind'], readonly UpdateSender[]>> = {
  archive: ['workflow', 'api'],
  approval: ['workflow'],
  record: ['workflow', 'api'],
  notify: ['report', 'api'],
  note: ['report', 'failures', 'api'],
  reopen: ['recurringFindings', 'api'],
};

export const maySend = (sender: UpdateSender | undefined, kind: QueueMessage['kind']): boolean =>
  sender !== undefined && SENDERS[kind].includes(sender);

export function senderOf(senderId: string | undefined, ids: SenderIds): UpdateSender | undefined {
  const [role] = senderId?.split(':') ?? [];
  return (Object.keys(ids) as UpdateSender[]).find((sender) => ids[sender] !== '' && ids[sender] === role);
}
