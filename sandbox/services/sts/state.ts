import type { At, Principal, StateKey } from '../../kernel/kernel.ts';

export type CredentialsRecord = {
  readonly principal: Principal;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expires: Date;
};

export type StsState = { credentials: Map<string, CredentialsRecord> };
export type StsAt = At<StsState>;

export const STS: StateKey<StsState> = {
  name: 'sts',
  scope: 'partition',
  state: () => ({ credentials: new Map() }),
};
