import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { queues } from '../fixtures.ts';
import encryptQueues from './index.ts';

const wrong = { SqsManagedSseEnabled: false, KmsMasterKeyId: null };

export default settingScenarios(encryptQueues, queues, {
  wrong,
  right: { ...wrong, SqsManagedSseEnabled: true },
  stricter: { ...wrong, KmsMasterKeyId: 'alias/aws/sqs' },
  more: {
    'it is a FIFO queue': {
      arrange: (clients, context) =>
        arrangeResource(queues, { values: wrong })(clients, { ...context, target: { queue: `${context.name}.fifo` } }),
      expected: 'FIXED',
    },
  },
});
