import type { PeopleMessage } from '../domain/people-message.ts';

/** Sends people a message. The function that does it retries, and keeps what it could not send. */
export type TellPeople = (message: PeopleMessage) => Promise<void>;
