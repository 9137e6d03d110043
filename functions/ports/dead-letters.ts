export type DeadLetter = {
  readonly id: string;
  readonly body: string;
  readonly receipt: string;
  readonly sentAtMs: number;
  /** The rule that could not deliver the event, if EventBridge put it into the queue. */
  readonly ruleArn?: string;
};

export type DeadLetters = {
  /** Makes SQS begin to move all messages of a queue to another one. */
  move(from: string, to: string, perSecond: number): Promise<void>;
  /** Returns up to ten, which stay invisible for minutes. */
  receive(queue: string): Promise<DeadLetter[]>;
  remove(queue: string, letter: DeadLetter): Promise<void>;
  send(queue: string, letter: DeadLetter): Promise<void>;
  /** Does not wait for the function. */
  invoke(functionName: string, event: string): Promise<void>;
};
