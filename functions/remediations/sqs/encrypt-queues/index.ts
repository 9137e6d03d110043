/** SQS.1: https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-1 */
import { setting } from '../../kit/setting.ts';
import { sqsQueue } from '../queue.ts';

export default setting(sqsQueue, {
  id: 'sqs/encrypt-queues',
  title: 'Let SQS encrypt the messages of a queue',
  controls: ['SQS.1'],
  // SQS then rejects requests without HTTPS or a signature, such as those of anonymous senders.
  risk: 'disruptive',
  wants: {
    KmsMasterKeyId: (key) => key,
    SqsManagedSseEnabled: (isOn, _, { state }) => isOn || state.KmsMasterKeyId === null,
  },
});
