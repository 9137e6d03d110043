/** Metrics: data points by series, and their statistics by period. */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import type { CloudWatchState, Dimensions, Sample, Series } from './state.ts';

type Here = At<CloudWatchState>;

export function putMetricData({ Namespace, MetricData, EntityMetricData }: sdk.PutMetricDataCommandInput, at: Here) {
  if (EntityMetricData) throw notModelled('EntityMetricData');
  for (const datum of MetricData ?? []) {
    const dimensions = dimensionsOf(datum.Dimensions);
    const when = datum.Timestamp?.getTime() ?? at.kernel.clock.now();
    for (const sample of samplesOf(datum, when)) record(at.state, Namespace!, datum.MetricName!, dimensions, sample);
  }
  return {};
}

export function getMetricStatistics(input: sdk.GetMetricStatisticsCommandInput, at: Here) {
  if (input.ExtendedStatistics) throw notModelled('percentile statistics');
  const series = findSeries(at.state, input.Namespace!, input.MetricName!, dimensionsOf(input.Dimensions));
  const periods = byPeriod(series, input.StartTime!, input.EndTime!, input.Period!);
  const Datapoints = [...periods].map(([start, samples]) => ({
    Timestamp: new Date(start),
    ...Object.fromEntries((input.Statistics ?? []).map((name) => [name, statistic(name, samples)])),
  }));
  return { Label: input.MetricName, Datapoints };
}

export function getMetricData(input: sdk.GetMetricDataCommandInput, at: Here) {
  const MetricDataResults = (input.MetricDataQueries ?? [])
    .filter(({ ReturnData }) => ReturnData !== false)
    .map((query) => {
      if (!query.MetricStat) throw notModelled(`the metric math expression ${query.Expression}`);
      const { Metric, Period, Stat } = query.MetricStat;
      const series = findSeries(at.state, Metric!.Namespace!, Metric!.MetricName!, dimensionsOf(Metric!.Dimensions));
      const periods = [...byPeriod(series, input.StartTime!, input.EndTime!, Period!)];
      // Newest first unless asked otherwise.
      if (input.ScanBy !== 'TimestampAscending') periods.reverse();
      return {
        Id: query.Id,
        Label: query.Label ?? Metric!.MetricName,
        Timestamps: periods.map(([start]) => new Date(start)),
        Values: periods.map(([, samples]) => statistic(Stat!, samples)),
        StatusCode: 'Complete' as const,
      };
    });
  return { MetricDataResults };
}

export function listMetrics(input: sdk.ListMetricsCommandInput, at: Here) {
  const wanted = [...at.state.series.values()].filter(
    ({ namespace, name, dimensions }) =>
      (!input.Namespace || namespace === input.Namespace) &&
      (!input.MetricName || name === input.MetricName) &&
      (input.Dimensions ?? []).every(({ Name, Value }) => (Value ? dimensions[Name!] === Value : Name! in dimensions)),
  );
  const Metrics = wanted.map(({ namespace, name, dimensions }) => ({
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }));
  return { Metrics };
}

/** Adds a data point to the series of this namespace, name and set of dimensions. */
export function record(
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
  const given = [datum.Value, datum.Values, datum.StatisticValues].filter((member) => member !== undefined);
  if (given.length !== 1) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Exactly one of Value, Values and StatisticValues must be specified.',
    );
  }
  if (datum.Value !== undefined)
    return [{ at, count: 1, sum: datum.Value, minimum: datum.Value, maximum: datum.Value }];
  if (datum.Values) {
    return datum.Values.map((value, index) => {
      const count = datum.Counts?.[index] ?? 1;
      return { at, count, sum: value * count, minimum: value, maximum: value };
    });
  }
  const { SampleCount, Sum, Minimum, Maximum } = datum.StatisticValues!;
  return [{ at, count: SampleCount!, sum: Sum!, minimum: Minimum!, maximum: Maximum! }];
}

/** The samples of each period that has some, by the period's start; the end is exclusive. */
function byPeriod(series: Series | undefined, start: Date, end: Date, seconds: number): Map<number, Sample[]> {
  const length = seconds * 1000;
  const wanted = (series?.samples ?? []).filter(({ at }) => at >= start.getTime() && at < end.getTime());
  wanted.sort((a, b) => a.at - b.at);
  return Map.groupBy(wanted, ({ at }) => at - (at % length));
}

function statistic(name: string, samples: readonly Sample[]): number {
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
