/**
 * Published prices in US dollars for us-east-1 on 2026-11-22, without free tiers and volume discounts.
 * docs/reference/scaling.md has the fixed costs: keys, alarms, the dashboard, custom metrics.
 *
 * AWS's pages contain the prices of a state transition and a trace as text. Scripts insert the others, which are
 * therefore taken from the price guides of 2025 and 2026 that the comments name.
 */
export const PRICES = {
  /** For a state transition, retries included. https://aws.amazon.com/step-functions/pricing/ */
  transition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/ and, for arm64, https://cloudchipr.com/blog/aws-lambda-pricing */
  invocation: 0.2 / 1e6,
  gbSecond: 0.000_013_333_4,
  /**
   * On demand. https://aws.amazon.com/dynamodb/pricing/on-demand/,
   * https://airbyte.com/data-engineering-resources/dynamodb-pricing. Guides from before November 2024 have twice these
   * prices.
   */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** For a request of up to 64 KB. https://aws.amazon.com/sqs/pricing/, https://cloudburn.io/blog/amazon-sqs-pricing */
  queueRequest: 0.4 / 1e6,
  /**
   * For an event of up to 64 KB on a custom bus. https://aws.amazon.com/eventbridge/pricing/,
   * https://www.factualminds.com/blog/amazon-eventbridge-pricing-events-pipes-schema-archive/
   */
  event: 1 / 1e6,
  /** For a request to an API destination. https://aws.amazon.com/eventbridge/pricing/ */
  destinationRequest: 0.2 / 1e6,
  /** https://aws.amazon.com/secrets-manager/pricing/ */
  secretMonth: 0.4,
  /** For each metric of an alarm. https://aws.amazon.com/cloudwatch/pricing/ */
  alarmMetricMonth: 0.1,
  /**
   * For a GB that EventBridge archives. The guide lists it as storage for a month; it is 0.5 % of an archived finding's
   * cost.
   */
  archivedGb: 0.1,
  /**
   * https://aws.amazon.com/cloudwatch/pricing/,
   * https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/
   */
  logGb: 0.5,
  /**
   * For a request with a symmetric key, HMAC keys included; the account that makes it pays.
   * https://aws.amazon.com/kms/pricing/, https://www.wring.co/blog/aws-kms-pricing-guide
   */
  keyRequest: 0.03 / 10_000,
  /** https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
} as const;
