/** As Step Functions describes an execution. */
export type ExecutionFacts = {
  readonly executionArn?: string;
  readonly status?: string;
  readonly redriveStatus?: string;
  readonly redriveStatusReason?: string;
  readonly input?: string;
};

export type WorkflowExecutions = {
  /** Returns undefined for an execution that Step Functions has deleted, 90 days after its end. */
  describe(arn: string): Promise<ExecutionFacts | undefined>;
  /** False if the state machine was deployed again since the start. */
  hasCurrentDefinition(arn: string): Promise<boolean>;
};

export type ExecutionStarter = {
  /** Returns the ARN. Idempotent: an existing execution of this name is not started again. */
  start(name: string, input: object): Promise<string>;
  redrive(arn: string, token: string): Promise<void>;
};
