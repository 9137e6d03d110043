import type { ListMessageMoveTasksResultEntry, StartMessageMoveTaskRequest } from '@aws-sdk/client-sqs';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { surface } from './arrivals.ts';
import { put } from './send.ts';
import { type Message, type MoveTask, parseQueueArn, type Queue, type SqsState } from './state.ts';

/** Moves the messages of a dead-letter queue back to where each came from, or all to one destination. */
export function startMove(
  at: At<SqsState>,
  source: Queue,
  input: StartMessageMoveTaskRequest,
  isDeadLetterQueue: boolean,
): { TaskHandle: string } {
  if (!isDeadLetterQueue)
    throw new AwsError('UnsupportedOperation', 'Source queue must be configured as a Dead Letter Queue.');
  surface(at.kernel, source);
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

export const moveTask = (task: MoveTask): ListMessageMoveTasksResultEntry => ({
  ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
  Status: task.status,
  SourceArn: task.source,
  DestinationArn: task.destination,
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  FailureReason: task.failure,
  StartedTimestamp: task.startedAt,
});

function moveAll(at: At<SqsState>, source: Queue, task: MoveTask): void {
  for (const message of source.ready.values()) {
    const target = destinationOf(at, task, message);
    if (!target) {
      task.status = 'FAILED';
      task.failure = 'CouldNotDetermineMessageSource';
      return;
    }
    source.ready.delete(message.id);
    put(at, target, {
      ...message,
      deadLetterSource: undefined,
      receiveCount: 0,
      firstReceivedAt: undefined,
      receiptHandle: undefined,
    });
    task.moved++;
  }
  task.status = 'COMPLETED';
}

const destinationOf = (at: At<SqsState>, task: MoveTask, message: Message): Queue | undefined =>
  at.state.queues.get(parseQueueArn(task.destination ?? message.deadLetterSource ?? '')?.name ?? '');
