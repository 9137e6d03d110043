/** An event that did not reach a place. */
export type MessageLetter = {
  /** The event's id. */
  readonly id: string;
  readonly isTest: boolean;
  /** EventBridge's code and message: `Request failed because status code 400 was returned.` */
  readonly code: string;
  readonly error: string;
  readonly receipt: string;
};

/** The dead letters of places of messages. */
export type MessageLetters = {
  count(place: string): Promise<number>;
  /** Returns up to ten, which stay visible for others. */
  read(place: string): Promise<MessageLetter[]>;
  remove(place: string, letter: MessageLetter): Promise<void>;
};
