import type { SuturePolicy } from '../domain/policy.ts';

export type PolicySource = {
  /** @throws SutureError PolicyUnavailable if the policy cannot be read, is invalid or too old */
  read(): Promise<SuturePolicy>;
};
