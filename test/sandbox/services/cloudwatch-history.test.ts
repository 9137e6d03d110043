/** The history of alarms, and dashboards, as an operator looks them up with the AWS CLI. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  type DescribeAlarmHistoryCommandInput,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import { stateDifferences } from '../../../sandbox/kernel/comparison.ts';
import { cloudwatch } from '../../../sandbox/services/cloudwatch/index.ts';
import { CLOUDWATCH } from '../../../sandbox/services/cloudwatch/state.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import { administratorClient, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

const DASHBOARDS_PLACE = { ...CLIENT_PLACE, region: 'us-east-1' };
const MINUTE_MS = 60_000;
const DATA = JSON.stringify({ version: '1.0', recentDatapoints: [3], threshold: 0 });
const SETTINGS = { Namespace: 'AWS/SQS', MetricName: 'Depth', Period: 60, EvaluationPeriods: 1, Threshold: 0 };

let sandbox: Sandbox;
let client: CloudWatchClient;
beforeEach(async () => {
  sandbox = await sandboxFor(cloudwatch, sns);
  client = administratorClient(sandbox, CloudWatchClient);
});
afterEach(() => sandbox.close());

const putAlarm = (AlarmName: string, more: object = {}) =>
  client.send(
    new PutMetricAlarmCommand({
      ...{ ...SETTINGS, AlarmName, Statistic: 'Maximum', ComparisonOperator: 'GreaterThanThreshold' },
      ...more,
    }),
  );
const set = (AlarmName: string, StateValue: StateValue, StateReason: string, StateReasonData?: string) =>
  client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason, StateReasonData }));
const history = async (input: DescribeAlarmHistoryCommandInput = {}) =>
  client.send(new DescribeAlarmHistoryCommand(input));
const summaries = async (input: DescribeAlarmHistoryCommandInput = {}) =>
  (await history(input)).AlarmHistoryItems!.map(({ AlarmName, HistorySummary }) => `${AlarmName}: ${HistorySummary}`);

describe("an alarm's history", () => {
  it('has each change of its state, with time, reasons and data', async () => {
    await putAlarm('full');
    await set('full', 'OK', 'checked');
    await sandbox.kernel.clock.advance(MINUTE_MS);
    await set('full', 'ALARM', 'Threshold Crossed', DATA);
    const [{ Timestamp, HistoryData, ...item }] = (await history({ AlarmName: 'full' })).AlarmHistoryItems as [any];
    expect(item).toEqual({
      AlarmName: 'full',
      AlarmType: 'MetricAlarm',
      HistoryItemType: 'StateUpdate',
      HistorySummary: 'Alarm updated from OK to ALARM',
    });
    expect(Timestamp).toEqual(new Date(sandbox.kernel.clock.now()));
    expect(JSON.parse(HistoryData)).toEqual({
      version: '1.0',
      oldState: { stateValue: 'OK', stateReason: 'checked' },
      newState: { stateValue: 'ALARM', stateReason: 'Threshold Crossed', stateReasonData: JSON.parse(DATA) },
    });
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms![0]!.StateReasonData).toBe(DATA);
  });

  it('has nothing of a call that leaves the state, and outlives the alarm', async () => {
    await putAlarm('full');
    await set('full', 'ALARM', 'first');
    await set('full', 'ALARM', 'second');
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['full'] }));
    expect(await summaries()).toEqual(['full: Alarm updated from INSUFFICIENT_DATA to ALARM']);
  });

  it('has the actions that were executed, and those that failed', async () => {
    const topics = administratorClient(sandbox, SNSClient);
    const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: 'people' }));
    await putAlarm('full', { AlarmActions: [TopicArn!] });
    await set('full', 'ALARM', 'why');
    await sandbox.kernel.clock.advance(MINUTE_MS);
    const { AlarmHistoryItems } = await history({ HistoryItemType: 'Action' });
    // The topic's policy names no service.
    expect(AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary)).toEqual([
      expect.stringContaining(`Failed to execute action ${TopicArn}`),
    ]);
    expect(JSON.parse(AlarmHistoryItems![0]!.HistoryData!)).toMatchObject({
      actionState: 'Failed',
      notificationResource: TopicArn,
    });
  });

  it('is filtered by alarm, kind, type and time, and keeps thirty days', async () => {
    await putAlarm('a');
    await putAlarm('b');
    await set('a', 'ALARM', 'why');
    await sandbox.kernel.clock.advance(10 * MINUTE_MS);
    const between = new Date(sandbox.kernel.clock.now());
    await sandbox.kernel.clock.advance(10 * MINUTE_MS);
    await set('b', 'ALARM', 'why');
    const [ofA, ofB] = ['a', 'b'].map((name) => `${name}: Alarm updated from INSUFFICIENT_DATA to ALARM`);
    expect(await summaries()).toEqual([ofB, ofA]);
    expect(await summaries({ ScanBy: 'TimestampAscending' })).toEqual([ofA, ofB]);
    expect(await summaries({ AlarmName: 'a' })).toEqual([ofA]);
    expect(await summaries({ StartDate: between })).toEqual([ofB]);
    expect(await summaries({ EndDate: between })).toEqual([ofA]);
    expect(await summaries({ HistoryItemType: 'Action' })).toEqual([]);
    expect(await summaries({ AlarmTypes: ['CompositeAlarm'] })).toEqual([]);
    await sandbox.kernel.clock.advance(30 * 24 * 60 * MINUTE_MS);
    client = administratorClient(sandbox, CloudWatchClient);
    expect(await summaries()).toEqual([ofB]);
  });

  it('has pages', async () => {
    await putAlarm('a');
    for (const state of ['OK', 'ALARM', 'OK'] as const) await set('a', state, 'why');
    const first = await history({ MaxRecords: 2 });
    expect(first.AlarmHistoryItems).toHaveLength(2);
    const second = await history({ MaxRecords: 2, NextToken: first.NextToken });
    expect(second.AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ]);
    expect(second.NextToken).toBeUndefined();
    await expect(history({ NextToken: 'elsewhere' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
    await expect(history({ MaxRecords: 101 })).rejects.toThrow('MaxRecords must be between 1 and 100.');
  });

  it('refuses by name what it does not have, and data that is not JSON', async () => {
    await putAlarm('a');
    await expect(history({ HistoryItemType: 'ConfigurationUpdate' })).rejects.toMatchObject({ name: 'NotModelled' });
    await expect(set('a', 'ALARM', 'why', '{')).rejects.toMatchObject({ name: 'InvalidFormatFault' });
  });
});

describe('a dashboard', () => {
  const DashboardBody = JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: 'Grüße' } }] });
  const dashboard = (DashboardName: string, more: object = {}) => ({
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardName, DashboardBody, ...more },
  });
  beforeEach(() =>
    deployTemplate(sandbox.kernel, CLIENT_PLACE, 'web', { Resources: { A: dashboard('web'), B: dashboard('api') } }),
  );

  it('is found by its name from every Region, and listed with its size', async () => {
    const elsewhere = new CloudWatchClient(sandbox.administrator(CLIENT_PLACE.account, 'eu-west-1'));
    const arn = (name: string) => `arn:aws:cloudwatch::${CLIENT_PLACE.account}:dashboard/${name}`;
    for (const each of [client, elsewhere]) {
      expect(await each.send(new GetDashboardCommand({ DashboardName: 'web' }))).toMatchObject({
        ...{ DashboardName: 'web', DashboardArn: arn('web'), DashboardBody },
      });
      const { DashboardEntries } = await each.send(new ListDashboardsCommand({}));
      expect(DashboardEntries!.map(({ DashboardName }) => DashboardName)).toEqual(['api', 'web']);
      expect(DashboardEntries![0]).toMatchObject({ DashboardArn: arn('api'), Size: DashboardBody.length + 2 });
    }
    const { DashboardEntries } = await client.send(new ListDashboardsCommand({ DashboardNamePrefix: 'w' }));
    expect(DashboardEntries).toHaveLength(1);
  });

  it('that does not exist has an error of its own', async () => {
    await expect(client.send(new GetDashboardCommand({ DashboardName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
    await expect(client.send(new GetDashboardCommand({ DashboardName: 'a b' }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  it('is compared without the time of its change', async () => {
    const compared = () => cloudwatch.comparable!(sandbox.kernel.state(CLOUDWATCH, DASHBOARDS_PLACE));
    const before = structuredClone(sandbox.kernel.state(CLOUDWATCH, DASHBOARDS_PLACE));
    await sandbox.kernel.clock.advance(MINUTE_MS);
    const Tags = [{ Key: 'team', Value: 'shop' }];
    await deployTemplate(sandbox.kernel, CLIENT_PLACE, 'web', {
      Resources: { A: dashboard('web', { Tags }), B: dashboard('api') },
    });
    const differences = stateDifferences(cloudwatch.comparable!(before), compared());
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.filter(({ isGenerated }) => !isGenerated)).toEqual([]);
  });
});
