/** One version of a function, from which instances start. */
export type FunctionCode = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly version: string;
  /** Differs after every change of code or configuration. */
  readonly revision: string;
  readonly arn: string;
  readonly role: string;
  readonly directory: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly logGroupName: string;
  /** The key that encrypts the environment. */
  readonly keyArn?: string;
  readonly variables: Readonly<Record<string, string>>;
};
