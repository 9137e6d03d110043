/**
 * Embedded metric format: metrics that functions write to their logs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import * as z from 'zod';
import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { recordSample } from './metrics.ts';
import { CLOUDWATCH } from './state.ts';

/** AWS ignores documents that exceed 30 dimensions per set or 100 metrics per directive. */
const metadataSchema = z.object({
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

const valuesSchema = z.union([z.number().transform((value) => [value]), z.array(z.number()).max(100)]);

/** Records the metrics of a log line. Returns the number of samples, 0 for a line without metrics. */
export function recordEmf(kernel: Kernel, place: AwsPlace, line: string): number {
  const state = kernel.state(CLOUDWATCH, place);
  const document = parseJson(line);
  const parsed = metadataSchema.safeParse(document);
  if (!parsed.success) return 0;
  const members = document as Record<string, unknown>;
  const at = parsed.data._aws.Timestamp;
  let recorded = 0;
  for (const { Namespace, Dimensions, Metrics } of parsed.data._aws.CloudWatchMetrics) {
    for (const set of Dimensions) {
      const dimensions = Object.fromEntries(set.map((name) => [name, String(members[name])]));
      for (const { Name } of Metrics) {
        const numbers = valuesSchema.safeParse(members[Name]);
        for (const value of numbers.data ?? []) {
          recordSample(state, Namespace, Name, dimensions, {
            at,
            count: 1,
            sum: value,
            minimum: value,
            maximum: value,
          });
          recorded += 1;
        }
      }
    }
  }
  return recorded;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
