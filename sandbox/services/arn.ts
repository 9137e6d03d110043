export type ArnParts = {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** Everything after the account: `function:name`, `role/path/name`. */
  readonly resource: string;
};

/** Splits an ARN. Missing parts are ''. */
export function parseArn(arn: string): ArnParts {
  const parts = arn.split(':');
  const [partition = '', service = '', region = '', account = ''] = parts.slice(1);
  return { partition, service, region, account, resource: parts.slice(5).join(':') };
}
