import type { At } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

export type ConfigurationSession = {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  /** The client's position among all clients, 0 to 100: a gradual deployment reaches the lower ones first. */
  readonly slot: number;
  readonly pollIntervalSeconds: number;
  readonly issuedAt: number;
  /** The client's last deployment, and the time before which it must not poll again. */
  readonly received?: { readonly deployment: number; readonly notBefore: number };
};

/** By the token that the session's next call must use. */
export type AppConfigDataState = { readonly sessions: Map<string, ConfigurationSession> };
export type AppConfigDataAt = At<AppConfigDataState>;

export const APPCONFIGDATA: StateKey<AppConfigDataState> = {
  name: 'appconfigdata',
  scope: 'region',
  state: () => ({ sessions: new Map() }),
};
