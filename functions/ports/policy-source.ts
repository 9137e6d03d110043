import type { SuturePolicy } from '../domain/policy.ts';

export type PolicySource = {
  /**
   * Returns the policy that AppConfig confirmed within the last minute.
   * @param since a time in milliseconds: a copy that AppConfig confirmed earlier is read again, but no more often than
   * every 15 seconds
   * @throws SutureError PolicyUnavailable if the policy cannot be read, is invalid or too old
   */
  read(since?: number): Promise<SuturePolicy>;
};
