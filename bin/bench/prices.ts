/**
 * Published prices in US dollars, us-east-1, as read on 2026-11-22; free tiers left out. What costs the same however much
 * comes in (keys, alarms, the dashboard, custom metrics) is in docs/scaling.md.
 */
export const PRICES = {
  /** A state entered, retries included. https://aws.amazon.com/step-functions/pricing/ */
  transition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/, arm64. */
  invocation: 0.2 / 1e6,
  gbSecond: 0.000_013_333_4,
  /** On demand. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** A request of up to 64 KB. https://aws.amazon.com/sqs/pricing/ */
  queueRequest: 0.4 / 1e6,
  /** An event of up to 64 KB on a custom bus. https://aws.amazon.com/eventbridge/pricing/ */
  event: 1 / 1e6,
  archivedGb: 0.1,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGb: 0.5,
  /** https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
} as const;
