import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand as ListAlarmTagsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  ListTagsForResourceCommand,
  PutMetricFilterCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { cloudwatch } from '../../../sandbox/services/cloudwatch/index.ts';
import { logs } from '../../../sandbox/services/logs/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const TRAIL = 'trail';
const ARN = 'arn:aws:logs:eu-central-1:111122223333:log-group:trail';

let sandbox: Sandbox;
let client: CloudWatchLogsClient;

beforeEach(async () => {
  sandbox = await sandboxFor(logs, cloudwatch);
  client = administratorClient(sandbox, CloudWatchLogsClient);
});
afterEach(() => sandbox.close());

const create = (logGroupName = TRAIL, tags?: Record<string, string>) =>
  client.send(new CreateLogGroupCommand({ logGroupName, tags }));
const retain = (retentionInDays: number) =>
  client.send(new PutRetentionPolicyCommand({ logGroupName: TRAIL, retentionInDays }));
const shown = async () => {
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: TRAIL }));
  return logGroups![0]!;
};

describe('a log group', () => {
  it('keeps events forever without a retention', async () => {
    await create(TRAIL, { owner: 'me' });
    expect(await shown()).toMatchObject({ arn: `${ARN}:*`, logGroupArn: ARN, metricFilterCount: 0 });
    expect((await shown()).retentionInDays).toBeUndefined();
    await retain(365);
    expect((await shown()).retentionInDays).toBe(365);
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName: TRAIL }));
    expect((await shown()).retentionInDays).toBeUndefined();
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn: ARN }))).tags).toEqual({ owner: 'me' });
  });

  it('is refused twice, with another number of days, or if it does not exist', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(retain(91)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await client.send(new DeleteLogGroupCommand({ logGroupName: TRAIL }));
    await expect(retain(90)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('of class DELIVERY keeps events for two days, whatever the request says', async () => {
    await client.send(new CreateLogGroupCommand({ logGroupName: TRAIL, logGroupClass: 'DELIVERY' }));
    await retain(365);
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName: TRAIL }));
    expect((await shown()).retentionInDays).toBe(2);
  });

  it('is listed in pages', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const sizes: number[] = [];
    for await (const { logGroups } of paginateDescribeLogGroups({ client, pageSize: 2 }, {}))
      sizes.push(logGroups!.length);
    expect(sizes).toEqual([2, 1]);
  });
});

describe('a metric filter', () => {
  const put = (filterName: string, filterPattern: string) =>
    client.send(
      new PutMetricFilterCommand({
        logGroupName: TRAIL,
        filterName,
        filterPattern,
        metricTransformations: [{ metricName: filterName, metricNamespace: 'CIS', metricValue: '1' }],
      }),
    );
  const found = async (more: object = { logGroupName: TRAIL }) => {
    const { metricFilters } = await client.send(new DescribeMetricFiltersCommand(more));
    return metricFilters!.map(({ filterName, filterPattern }) => [filterName, filterPattern]);
  };

  it('is replaced, found by its metric and deleted', async () => {
    await create();
    await put('root', 'a');
    await put('login', 'b');
    await put('root', 'c');
    expect(await found()).toEqual([
      ['root', 'c'],
      ['login', 'b'],
    ]);
    expect(await found({ metricName: 'login', metricNamespace: 'CIS' })).toEqual([['login', 'b']]);
    expect((await shown()).metricFilterCount).toBe(2);
    const remove = () => client.send(new DeleteMetricFilterCommand({ logGroupName: TRAIL, filterName: 'root' }));
    await remove();
    expect(await found()).toEqual([['login', 'b']]);
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is refused beyond a hundred of a log group', async () => {
    await create();
    for (let n = 0; n < 100; n++) await put(`filter-${n}`, '');
    await put('filter-0', 'changed');
    await expect(put('one-more', '')).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});

describe('an alarm', () => {
  const alarms = () => administratorClient(sandbox, CloudWatchClient);
  const put = (more: Partial<PutMetricAlarmCommandInput> = {}, AlarmName = 'root') =>
    alarms().send(
      new PutMetricAlarmCommand({
        AlarmName,
        MetricName: 'root',
        Namespace: 'CIS',
        Statistic: 'Sum',
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        AlarmActions: ['arn:aws:sns:eu-central-1:111122223333:security'],
        ...more,
      }),
    );
  const described = async () => (await alarms().send(new DescribeAlarmsCommand({}))).MetricAlarms!;

  it('is put, replaced and deleted', async () => {
    await put({ Tags: [{ Key: 'owner', Value: 'me' }] });
    await put({ Threshold: 5, AlarmActions: [] });
    const [alarm, ...others] = await described();
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({ AlarmName: 'root', Threshold: 5, StateValue: 'INSUFFICIENT_DATA', AlarmActions: [] });
    const { Tags } = await alarms().send(new ListAlarmTagsCommand({ ResourceARN: alarm!.AlarmArn }));
    expect(Tags).toEqual([{ Key: 'owner', Value: 'me' }]);
    await alarms().send(new DeleteAlarmsCommand({ AlarmNames: ['root'] }));
    expect(await described()).toEqual([]);
  });

  it('is described in pages', async () => {
    for (const name of ['a', 'b', 'c']) await put({}, name);
    const sizes: number[] = [];
    for await (const { MetricAlarms } of paginateDescribeAlarms({ client: alarms(), pageSize: 2 }, {}))
      sizes.push(MetricAlarms!.length);
    expect(sizes).toEqual([2, 1]);
  });

  it.each<[Partial<PutMetricAlarmCommandInput>, string]>([
    [{ EvaluateLowSampleCountPercentile: 'ignore' }, 'NotModelled'],
    [{ MetricName: undefined }, 'ValidationException'],
    [{ EvaluationPeriods: 0 }, 'ValidationException'],
  ])('is refused with %o', async (more, name) => {
    await expect(put(more)).rejects.toMatchObject({ name });
  });
});
