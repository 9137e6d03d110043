/** One call, as the log keeps it. */
export type CallRecord = {
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly at: number;
  readonly account: string;
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly principal: string;
  readonly role?: string;
  readonly sourceIdentity?: string;
  /** The function instance that makes it. Lambda's own calls with a function's role have none. */
  readonly instance?: string;
  readonly decisions: readonly IamDecision[];
  /** null while it runs or when it succeeded, else the error's code. */
  error: string | null;
};

export type IamDecision = {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  readonly role?: string;
  readonly account: string;
  readonly region: string;
  readonly decision: 'Allow' | 'Deny';
  /** The statements that decided: `<policy name>#<statement index or Sid>`. */
  readonly by: readonly string[];
};
