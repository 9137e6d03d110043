import { Buffer } from 'node:buffer';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { activeAlarms } from '../../../cli/clients/alarms.ts';

it('an alarm has the article that its description names', async () => {
  const alarm = (name: string, text: string) => ({ AlarmName: name, AlarmDescription: text });
  const MetricAlarms = [
    alarm('suture-report-throttled', 'Lambda throttled it. Runbook: suture docs runbook#function-throttled'),
    alarm('suture-of-people', 'Somebody made it.'),
  ];
  const aws = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => ({
        response: {
          statusCode: 200,
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify({ MetricAlarms })),
        },
      }),
    },
  };
  expect(await activeAlarms(new CloudWatchClient(aws as never))).toEqual([
    { name: 'suture-of-people', article: undefined },
    { name: 'suture-report-throttled', article: 'function-throttled' },
  ]);
});
