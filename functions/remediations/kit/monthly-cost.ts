/**
 * Texts about what a change costs each month, for plans. Prices are AWS's list prices in us-east-1, before free tiers and
 * discounts; other Regions differ.
 */

/** US dollars, each with the page that has it. */
export const LIST_PRICES = {
  /** A GB and month of logs: https://aws.amazon.com/cloudwatch/pricing/ */
  logStorage: 0.03,
  /** A GB that CloudWatch Logs takes in: https://aws.amazon.com/cloudwatch/pricing/ */
  logIngestion: 0.5,
  /** A GB of flow logs that goes to S3 instead: https://aws.amazon.com/cloudwatch/pricing/ */
  flowLogToS3: 0.25,
  /** A custom metric and an alarm: https://aws.amazon.com/cloudwatch/pricing/ */
  metric: 0.3,
  alarm: 0.1,
  /** A GB and month: https://aws.amazon.com/s3/pricing/ */
  s3Storage: 0.023,
  /** A GB and month of the table: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  dynamoRecovery: 0.2,
  /** A GB and month of backups: https://aws.amazon.com/rds/pricing/ */
  rdsBackup: 0.095,
  /** https://aws.amazon.com/rds/aurora/pricing/, https://aws.amazon.com/documentdb/pricing/, https://aws.amazon.com/neptune/pricing/ */
  clusterBackup: 0.021,
  /** https://aws.amazon.com/elasticache/pricing/ */
  cacheBackup: 0.085,
  /** Beyond what is free: https://aws.amazon.com/redshift/pricing/ */
  redshiftBackup: 0.024,
  /** A GB and month of EFS in AWS Backup: https://aws.amazon.com/backup/pricing/ */
  efsBackup: 0.05,
  /** 100,000 events: https://aws.amazon.com/cloudtrail/pricing/ */
  managementEvents: 2,
  dataEvents: 0.1,
  /** 10,000 requests: https://aws.amazon.com/kms/pricing/ */
  keyRequests: 0.03,
  /** Each of the first two rotations of a key, a month: https://aws.amazon.com/kms/pricing/ */
  keyMaterial: 1,
} as const;

/** Returns an amount as people write it: `$2`, `$0.50`, `$0.03`, `$0.021`. */
const dollars = (usd: number): string =>
  `$${Number.isInteger(usd) ? usd : usd.toFixed(Number.isInteger(Math.round(usd * 1e6) / 1e4) ? 2 : 3)}`;

/** Returns for example `about $0.50 a GB of events`. */
export const costPer = (price: keyof typeof LIST_PRICES, unit: string): string =>
  `about ${dollars(LIST_PRICES[price])} ${unit}`;

const BYTES_OF_GB = 1024 ** 3;

/**
 * Returns the price of as many gigabytes as the resource has, to one digit: an approval is of one plan, which should not
 * change with each byte. Returns the price of a GB if AWS gives no figure.
 */
export function storageCost(price: keyof typeof LIST_PRICES, bytes: number | undefined, of: string): string {
  const perGb = `${costPer(price, 'a GB and month')} of ${of}`;
  if (bytes === undefined) return perGb;
  const usd = Number(((bytes / BYTES_OF_GB) * LIST_PRICES[price]).toPrecision(1));
  return usd < 0.01 ? `less than $0.01 a month, ${perGb}` : `about ${dollars(usd)} a month, ${perGb}`;
}

/** Returns the sum of fixed prices. */
export const fixedCost = (...prices: (keyof typeof LIST_PRICES)[]): string =>
  `about ${dollars(prices.reduce((sum, price) => sum + LIST_PRICES[price], 0))} a month`;
