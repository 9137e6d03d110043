import type { Principal } from '../../kernel/kernel.ts';

export type CredentialsRecord = {
  readonly principal: Principal;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expires: Date;
};

/** Temporary credentials by access key id, of all accounts. */
export type StsState = { credentials: Map<string, CredentialsRecord> };
