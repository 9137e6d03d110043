/**
 * Metrics that functions write into their logs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import * as z from 'zod';
import { record } from './metrics.ts';
import type { CloudWatchState } from './state.ts';

/** At most 30 dimensions a set and 100 metrics a directive: what passes a limit is no metric in AWS either. */
const metadata = z.object({
  _aws: z.object({
    Timestamp: z.number().int(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string().min(1).max(1024),
        Dimensions: z.array(z.array(z.string()).max(30)).default([[]]),
        Metrics: z.array(z.object({ Name: z.string().min(1).max(1024) })).max(100),
      }),
    ),
  }),
});

const values = z.union([z.number().transform((value) => [value]), z.array(z.number()).max(100)]);

/** Records the metrics of a log line in embedded metric format, and answers how many; a line in another format has none. */
export function recordEmf(state: CloudWatchState, line: string): number {
  const document = parsed(line);
  const found = metadata.safeParse(document);
  if (!found.success) return 0;
  const members = document as Record<string, unknown>;
  const at = found.data._aws.Timestamp;
  let recorded = 0;
  for (const { Namespace, Dimensions, Metrics } of found.data._aws.CloudWatchMetrics) {
    for (const set of Dimensions) {
      const dimensions = Object.fromEntries(set.map((name) => [name, String(members[name])]));
      for (const { Name } of Metrics) {
        const numbers = values.safeParse(members[Name]);
        for (const value of numbers.data ?? []) {
          record(state, Namespace, Name, dimensions, { at, count: 1, sum: value, minimum: value, maximum: value });
          recorded += 1;
        }
      }
    }
  }
  return recorded;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
