export type FunctionCode = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly version: string;
  /** Changes with every update of code or configuration. */
  readonly revision: string;
  readonly arn: string;
  readonly role: string;
  readonly directory: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly logGroupName: string;
  readonly keyArn?: string;
  readonly variables: Readonly<Record<string, string>>;
};
