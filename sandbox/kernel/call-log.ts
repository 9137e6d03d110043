export type CallRecord = {
  readonly at: number;
  readonly account: string;
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly principal: string;
  readonly role?: string;
  readonly sourceIdentity?: string;
  /** The calling function instance. Lambda's own calls with a function's role have none. */
  readonly instance?: string;
  readonly decisions: readonly IamDecision[];
  /** Null during the call and after its success, else the error's code. */
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
  /** `<policy name>#<statement index or Sid>` of each statement that decided. */
  readonly by: readonly string[];
};
