import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { activeAlarms } from '../../../cli/clients/health.ts';

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
  const alarms = await activeAlarms({ aws: aws as never });
  expect(Object.entries(alarms)).toEqual([
    ['suture-of-people', undefined],
    ['suture-report-throttled', 'function-throttled'],
  ]);
});
