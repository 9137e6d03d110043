import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { fifoQueues, queues } from '../fixtures.ts';
import encryptQueues from './index.ts';

const wrong = { SqsManagedSseEnabled: false, KmsMasterKeyId: null };

export default settingScenarios(encryptQueues, queues, {
  wrong,
  right: { ...wrong, SqsManagedSseEnabled: true },
  stricter: { ...wrong, KmsMasterKeyId: 'alias/aws/sqs' },
  kinds: { 'it is a FIFO queue': { of: fifoQueues } },
});
