export type ArnParts = {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** Everything after the account, for example `function:name` or `role/path/name`. */
  readonly resource: string;
};

/** Splits an ARN at its first five colons; missing parts are ''. */
export function parseArn(arn: string): ArnParts {
  const parts = arn.split(':');
  const [partition = '', service = '', region = '', account = ''] = parts.slice(1);
  return { partition, service, region, account, resource: parts.slice(5).join(':') };
}
