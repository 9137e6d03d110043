import type { ListMessageMoveTasksResultEntry, StartMessageMoveTaskRequest } from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/kernel.ts';
import { revealDueMessages } from './arrivals.ts';
import { putMessage } from './send.ts';
import { type MoveTask, parseQueueArn, type Queue, type SqsAt, type SqsMessage } from './state.ts';

/** Moves messages of a dead-letter queue back to their source queues, or all to one destination. */
export function startMessageMove(
  at: SqsAt,
  source: Queue,
  input: StartMessageMoveTaskRequest,
  isDeadLetterQueue: boolean,
): { TaskHandle: string } {
  if (!isDeadLetterQueue)
    throw new AwsError('UnsupportedOperation', 'Source queue must be configured as a Dead Letter Queue.');
  revealDueMessages(at.kernel, source);
  const task: MoveTask = {
    handle: Buffer.from(JSON.stringify({ taskId: at.kernel.uuid(), sourceArn: source.arn })).toString('base64'),
    source: source.arn,
    destination: input.DestinationArn,
    startedAt: at.kernel.clock.now(),
    toMove: source.ready.size,
    moved: 0,
    status: 'RUNNING',
  };
  at.state.moveTasks.push(task);
  at.kernel.background(`SQS message move from ${source.name}`, async () => moveAll(at, source, task));
  return { TaskHandle: task.handle };
}

export const describeMoveTask = (task: MoveTask): ListMessageMoveTasksResultEntry => ({
  ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
  Status: task.status,
  SourceArn: task.source,
  DestinationArn: task.destination,
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  FailureReason: task.failure,
  StartedTimestamp: task.startedAt,
});

function moveAll(at: SqsAt, source: Queue, task: MoveTask): void {
  for (const message of source.ready.values()) {
    const target = destinationOf(at, task, message);
    if (!target) {
      task.status = 'FAILED';
      task.failure = 'CouldNotDetermineMessageSource';
      return;
    }
    source.ready.delete(message.id);
    // A moved message is a new one. AWS does not document its SenderId.
    putMessage(at, target, {
      ...message,
      id: at.kernel.uuid(),
      sentAt: at.kernel.clock.now(),
      deadLetterSource: undefined,
      receiveCount: 0,
      firstReceivedAt: undefined,
      receiptHandle: undefined,
    });
    task.moved++;
  }
  task.status = 'COMPLETED';
}

const destinationOf = (at: SqsAt, task: MoveTask, message: SqsMessage): Queue | undefined =>
  at.state.queues.get(parseQueueArn(task.destination ?? message.deadLetterSource ?? '')?.name ?? '');
