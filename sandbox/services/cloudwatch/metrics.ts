import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import type { CloudWatchAt, CloudWatchState, Dimensions, Sample, Series } from './state.ts';

export function putMetricData(
  { Namespace, MetricData, EntityMetricData }: sdk.PutMetricDataCommandInput,
  at: CloudWatchAt,
) {
  if (EntityMetricData) throw notModelled('EntityMetricData');
  for (const datum of MetricData ?? []) {
    const dimensions = dimensionsOf(datum.Dimensions);
    const timestamp = datum.Timestamp?.getTime() ?? at.kernel.clock.now();
    for (const sample of samplesOf(datum, timestamp))
      recordSample(at.state, Namespace!, datum.MetricName!, dimensions, sample);
  }
  return {};
}

export function getMetricStatistics(input: sdk.GetMetricStatisticsCommandInput, at: CloudWatchAt) {
  if (input.ExtendedStatistics) throw notModelled('percentile statistics');
  const series = findSeries(at.state, input.Namespace!, input.MetricName!, dimensionsOf(input.Dimensions));
  const periods = byPeriod(series, input.StartTime!, input.EndTime!, input.Period!);
  const Datapoints = [...periods].map(([start, samples]) => ({
    Timestamp: new Date(start),
    ...Object.fromEntries((input.Statistics ?? []).map((name) => [name, statisticOf(name, samples)])),
  }));
  return { Label: input.MetricName, Datapoints };
}

export function getMetricData(input: sdk.GetMetricDataCommandInput, at: CloudWatchAt) {
  const MetricDataResults = (input.MetricDataQueries ?? [])
    .filter(({ ReturnData }) => ReturnData !== false)
    .map((query) => {
      if (!query.MetricStat) throw notModelled(`the metric math expression ${query.Expression}`);
      const { Metric, Period, Stat } = query.MetricStat;
      const series = findSeries(at.state, Metric!.Namespace!, Metric!.MetricName!, dimensionsOf(Metric!.Dimensions));
      const periods = [...byPeriod(series, input.StartTime!, input.EndTime!, Period!)];
      if (input.ScanBy !== 'TimestampAscending') periods.reverse();
      return {
        Id: query.Id,
        Label: query.Label ?? Metric!.MetricName,
        Timestamps: periods.map(([start]) => new Date(start)),
        Values: periods.map(([, samples]) => statisticOf(Stat!, samples)),
        StatusCode: 'Complete' as const,
      };
    });
  return { MetricDataResults };
}

export function listMetrics(input: sdk.ListMetricsCommandInput, at: CloudWatchAt) {
  const matching = [...at.state.series.values()].filter(
    ({ namespace, name, dimensions }) =>
      (!input.Namespace || namespace === input.Namespace) &&
      (!input.MetricName || name === input.MetricName) &&
      (input.Dimensions ?? []).every(({ Name, Value }) => (Value ? dimensions[Name!] === Value : Name! in dimensions)),
  );
  const Metrics = matching.map(({ namespace, name, dimensions }) => ({
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }));
  return { Metrics };
}

export function recordSample(
  state: CloudWatchState,
  namespace: string,
  name: string,
  dimensions: Dimensions,
  sample: Sample,
): void {
  const key = seriesKey(namespace, name, dimensions);
  const series = state.series.get(key) ?? { namespace, name, dimensions, samples: [] };
  series.samples.push(sample);
  state.series.set(key, series);
}

function findSeries(
  state: CloudWatchState,
  namespace: string,
  name: string,
  dimensions: Dimensions,
): Series | undefined {
  return state.series.get(seriesKey(namespace, name, dimensions));
}

const seriesKey = (namespace: string, name: string, dimensions: Dimensions) =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

const dimensionsOf = (dimensions: readonly sdk.Dimension[] = []): Dimensions =>
  Object.fromEntries(dimensions.map(({ Name, Value }) => [Name!, Value!]));

function samplesOf(datum: sdk.MetricDatum, at: number): Sample[] {
  const values = [datum.Value, datum.Values, datum.StatisticValues].filter((member) => member !== undefined);
  if (values.length !== 1)
    throw new AwsError(
      'InvalidParameterCombination',
      'Exactly one of Value, Values and StatisticValues must be specified.',
    );
  if (datum.Value !== undefined)
    return [{ at, count: 1, sum: datum.Value, minimum: datum.Value, maximum: datum.Value }];
  if (datum.Values)
    return datum.Values.map((value, index) => {
      const count = datum.Counts?.[index] ?? 1;
      return { at, count, sum: value * count, minimum: value, maximum: value };
    });
  const { SampleCount, Sum, Minimum, Maximum } = datum.StatisticValues!;
  return [{ at, count: SampleCount!, sum: Sum!, minimum: Minimum!, maximum: Maximum! }];
}

function byPeriod(series: Series | undefined, start: Date, end: Date, seconds: number): Map<number, Sample[]> {
  const length = seconds * 1000;
  const matching = (series?.samples ?? []).filter(({ at }) => at >= start.getTime() && at < end.getTime());
  matching.sort((a, b) => a.at - b.at);
  return Map.groupBy(matching, ({ at }) => at - (at % length));
}

function statisticOf(name: string, samples: readonly Sample[]): number {
  const total = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0);
  switch (name) {
    case 'Sum':
      return total(({ sum }) => sum);
    case 'SampleCount':
      return total(({ count }) => count);
    case 'Average':
      return total(({ sum }) => sum) / total(({ count }) => count);
    case 'Minimum':
      return Math.min(...samples.map(({ minimum }) => minimum));
    case 'Maximum':
      return Math.max(...samples.map(({ maximum }) => maximum));
    default:
      throw notModelled(`the statistic ${name}`);
  }
}
