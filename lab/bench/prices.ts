/**
 * Published prices in US dollars, us-east-1, as read on 2026-11-22; free tiers and discounts of volume left out. What costs
 * the same however much comes in (keys, alarms, the dashboard, custom metrics) is in docs/scaling.md.
 *
 * Two are on AWS's own pages as text: a state entered and a trace. The others AWS fills in by script; they are as at least one
 * price guide of 2025 or 2026 has them, which the line above them names.
 */
export const PRICES = {
  /** A state entered, retries included. https://aws.amazon.com/step-functions/pricing/ */
  transition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/ and, for arm64, https://cloudchipr.com/blog/aws-lambda-pricing */
  invocation: 0.2 / 1e6,
  gbSecond: 0.000_013_333_4,
  /**
   * On demand. https://aws.amazon.com/dynamodb/pricing/on-demand/,
   * https://airbyte.com/data-engineering-resources/dynamodb-pricing; half of what guides from before November 2024 have.
   */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** A request of up to 64 KB. https://aws.amazon.com/sqs/pricing/, https://cloudburn.io/blog/amazon-sqs-pricing */
  queueRequest: 0.4 / 1e6,
  /**
   * An event of up to 64 KB on a custom bus. https://aws.amazon.com/eventbridge/pricing/,
   * https://www.factualminds.com/blog/amazon-eventbridge-pricing-events-pipes-schema-archive/
   */
  event: 1 / 1e6,
  /** Into the archive. The guide has it as a month's storage; it is half a hundredth of an archived finding's cost. */
  archivedGb: 0.1,
  /**
   * https://aws.amazon.com/cloudwatch/pricing/,
   * https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/
   */
  logGb: 0.5,
  /** https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
} as const;
