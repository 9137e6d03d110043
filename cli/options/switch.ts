import type { StopsClient } from '../clients/stops.ts';
import type { CommandOption, ExitCodes } from '../command.ts';
import { jsonOption, REASON_OPTION, YES_OPTION } from './standard.ts';

export type SwitchOptions = {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly ledger?: StopsClient;
  readonly announce?: () => Promise<void>;
};

export const SWITCH_OPTIONS: readonly CommandOption[] = [
  { ...REASON_OPTION, required: true },
  YES_OPTION,
  jsonOption('one JSON object: changed, stopped'),
];

export const SWITCH_EXIT_CODES: ExitCodes = {
  0: 'it is so (also when it was before)',
  1: 'it failed',
  2: 'wrong usage or nobody to ask',
};
