import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { defineService } from '../../../sandbox/kernel/kernel.ts';
import { recordEmf } from '../../../sandbox/services/cloudwatch/emf.ts';
import { cloudwatch } from '../../../sandbox/services/cloudwatch/index.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 0, 1);

async function statistics(kernel: ReturnType<typeof smallKernel>, MetricName: string, Dimensions: object[] = []) {
  const { Datapoints } = await kernel.as('cloudwatch', 'GetMetricStatistics', {
    Namespace: 'Suture',
    MetricName,
    Dimensions,
    Period: 60,
    Statistics: ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum'],
    StartTime: new Date(START),
    EndTime: new Date(START + 10 * MINUTE_MS),
  });
  return Datapoints;
}

describe('metrics', () => {
  it('are aggregated by period and set of dimensions', async () => {
    const kernel = smallKernel(cloudwatch);
    const route = (Value: string) => [{ Name: 'route', Value }];
    const put = (MetricData: object[]) => kernel.as('cloudwatch', 'PutMetricData', { Namespace: 'Suture', MetricData });
    await put([
      { MetricName: 'Findings', Value: 2, Dimensions: route('archive') },
      { MetricName: 'Findings', Values: [1, 5], Counts: [2, 1], Dimensions: route('archive') },
    ]);
    await put([{ MetricName: 'Findings', Value: 9, Dimensions: route('ignore') }]);
    await kernel.clock.advance(MINUTE_MS);
    await put([
      {
        MetricName: 'Findings',
        StatisticValues: { SampleCount: 3, Sum: 6, Minimum: 1, Maximum: 3 },
        Dimensions: route('archive'),
      },
    ]);
    expect(await statistics(kernel, 'Findings', route('archive'))).toEqual([
      { Timestamp: new Date(START), Sum: 9, SampleCount: 4, Average: 2.25, Minimum: 1, Maximum: 5 },
      { Timestamp: new Date(START + MINUTE_MS), Sum: 6, SampleCount: 3, Average: 2, Minimum: 1, Maximum: 3 },
    ]);
    const stat = {
      Metric: { Namespace: 'Suture', MetricName: 'Findings', Dimensions: route('archive') },
      Period: 60,
      Stat: 'Sum',
    };
    const { MetricDataResults } = await kernel.as('cloudwatch', 'GetMetricData', {
      MetricDataQueries: [{ Id: 'a', MetricStat: stat }],
      StartTime: new Date(START),
      EndTime: new Date(START + 10 * MINUTE_MS),
    });
    expect(MetricDataResults).toMatchObject([{ Id: 'a', Values: [6, 9] }]);
  });

  it('require permission for their namespace', async () => {
    const kernel = smallKernel(cloudwatch);
    await kernel.as('cloudwatch', 'PutMetricData', {
      Namespace: 'Suture',
      MetricData: [{ MetricName: 'x', Value: 1 }],
    });
    expect(kernel.needed).toMatchObject([
      { action: 'cloudwatch:PutMetricData', context: { 'cloudwatch:namespace': 'Suture' } },
    ]);
  });

  it('do not model metric math', async () => {
    const kernel = smallKernel(cloudwatch);
    const query = {
      MetricDataQueries: [{ Id: 'a', Expression: 'SUM(METRICS())' }],
      StartTime: new Date(0),
      EndTime: new Date(1),
    };
    await expect(kernel.as('cloudwatch', 'GetMetricData', query)).rejects.toMatchObject({ code: 'NotModelled' });
  });
});

describe('embedded metric format', () => {
  const line = (members: object, directive: object = {}) =>
    JSON.stringify({
      _aws: {
        Timestamp: START,
        CloudWatchMetrics: [
          {
            Namespace: 'Suture',
            Dimensions: [['service'], ['service', 'route']],
            Metrics: [{ Name: 'Ignored', Unit: 'Count' }],
            ...directive,
          },
        ],
      },
      service: 'triage',
      route: 'ignore',
      ...members,
    });

  it('records a metric for each set of dimensions', async () => {
    const kernel = smallKernel(cloudwatch);
    expect(recordEmf(kernel, HOME, line({ Ignored: [1, 2] }))).toBe(4);
    const service = { Name: 'service', Value: 'triage' };
    expect(await statistics(kernel, 'Ignored', [service])).toMatchObject([{ Sum: 3, SampleCount: 2 }]);
    expect(await statistics(kernel, 'Ignored', [{ Name: 'route', Value: 'ignore' }, service])).toMatchObject([
      { Sum: 3 },
    ]);
  });

  it.each([
    ['plain text', 'START RequestId: 1'],
    ['other JSON', '{"level":"INFO"}'],
    ['null', 'null'],
    ['a metric whose value is missing', line({})],
    ['a value that is not a number', line({ Ignored: 'many' })],
    ['metadata without timestamp', '{"_aws":{"CloudWatchMetrics":[]}}'],
  ])('records nothing for %s', (_name, text) => {
    expect(recordEmf(smallKernel(cloudwatch), HOME, text)).toBe(0);
  });
});

describe('alarms', () => {
  const alarm = (properties: object = {}) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'dead-letters',
      MetricName: 'Visible',
      Namespace: 'AWS/SQS',
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Threshold: 0,
      Period: 60,
      Statistic: 'Sum',
      ...properties,
    },
  });

  it('come from templates and publish to the topics of their new state', async () => {
    const published: object[] = [];
    const sns = defineService<any, null>({
      name: 'sns',
      sdk: {},
      client: class {},
      prefix: 'sns',
      scope: 'region',
      state: () => null,
      operations: {
        Publish: { run: (input: object, at: any) => void published.push({ ...input, as: at.principal }) },
      } as any,
    });
    const kernel = smallKernel(cloudwatch, sns);
    const topic = 'arn:aws:sns:us-east-1:111122223333:pages';
    await deployTemplate(kernel, HOME, 'app', {
      Resources: {
        Alarm: alarm({ AlarmActions: [topic] }),
        Any: {
          Type: 'AWS::CloudWatch::CompositeAlarm',
          Properties: { AlarmName: 'any', AlarmRule: { 'Fn::Sub': 'ALARM("${Alarm}")' } },
        },
        Board: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{"widgets":[]}' } },
      },
    });
    await kernel.as('cloudwatch', 'SetAlarmState', {
      AlarmName: 'dead-letters',
      StateValue: 'ALARM',
      StateReason: 'test',
    });
    const { MetricAlarms } = await kernel.as('cloudwatch', 'DescribeAlarms', { AlarmNamePrefix: 'dead' });
    const AlarmArn = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:dead-letters';
    expect(MetricAlarms).toMatchObject([
      {
        AlarmName: 'dead-letters',
        AlarmArn,
        Threshold: 0,
        ActionsEnabled: true,
        StateValue: 'ALARM',
        StateReason: 'test',
      },
    ]);
    const { CompositeAlarms } = await kernel.as('cloudwatch', 'DescribeAlarms', { AlarmTypes: ['CompositeAlarm'] });
    expect(CompositeAlarms).toMatchObject([{ AlarmRule: 'ALARM("dead-letters")', StateValue: 'INSUFFICIENT_DATA' }]);
    expect(published).toMatchObject([
      { TopicArn: topic, as: { kind: 'service', service: 'cloudwatch.amazonaws.com', source: AlarmArn } },
    ]);
  });

  it('have actions that can be disabled and enabled', async () => {
    const kernel = smallKernel(cloudwatch);
    await kernel.as('cloudwatch', 'PutMetricAlarm', { ...alarm().Properties, Tags: [] });
    const act = async () =>
      (await kernel.as('cloudwatch', 'DescribeAlarms', { AlarmNames: ['dead-letters'] })).MetricAlarms[0]
        .ActionsEnabled;
    await kernel.as('cloudwatch', 'DisableAlarmActions', { AlarmNames: ['dead-letters', 'absent'] });
    expect(await act()).toBe(false);
    await kernel.as('cloudwatch', 'EnableAlarmActions', { AlarmNames: ['dead-letters'] });
    expect(await act()).toBe(true);
    expect(kernel.needed).toContainEqual(
      expect.objectContaining({
        action: 'cloudwatch:EnableAlarmActions',
        resource: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:dead-letters',
      }),
    );
  });

  it.each<[string, object, string]>([
    ['an unknown property', alarm({ Thresold: 1 }), 'Thresold'],
    [
      'an action other than an SNS topic',
      alarm({ AlarmActions: ['arn:aws:lambda:us-east-1:111122223333:function:f'] }),
      'only SNS topics',
    ],
    ['both a metric and metrics', alarm({ Metrics: [] }), 'either Metrics or MetricName'],
    [
      'a dashboard that is not JSON',
      { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{' } },
      'must be a valid JSON object',
    ],
  ])('are rejected with %s', async (_name, resource, message) => {
    await expect(
      deployTemplate(smallKernel(cloudwatch), HOME, 'app', { Resources: { Invalid: resource } }),
    ).rejects.toThrow(message);
  });

  it('must exist for SetAlarmState', async () => {
    const set = smallKernel(cloudwatch).as('cloudwatch', 'SetAlarmState', {
      AlarmName: 'none',
      StateValue: 'OK',
      StateReason: '',
    });
    await expect(set).rejects.toMatchObject({ code: 'ResourceNotFound' });
  });
});
