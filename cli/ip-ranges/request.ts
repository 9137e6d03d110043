import type { SignedApi } from '../clients/api.ts';
import { type CommandOption, type ExitCodes, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { parseReason } from '../options/reason.ts';
import { jsonOption, REASON_OPTION, YES_OPTION } from '../options/standard.ts';

export type IpRangesOptions = {
  readonly target?: readonly string[];
  readonly json?: boolean;
  readonly api?: SignedApi;
};
export type IpRangesPlanOptions = IpRangesOptions & {
  readonly allowShrink?: boolean;
  readonly adopt?: boolean;
};
export type IpRangesWritingOptions = {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly show?: (text: string) => void;
  readonly announce?: () => Promise<void>;
};

export const IP_RANGES_OPTIONS: readonly CommandOption[] = [
  { flags: '--target <name>', text: 'one target; may be given several times', repeatable: true },
  jsonOption('a JSON array with an object for each target'),
];

export const ALLOW_SHRINK_OPTION: CommandOption = {
  flags: '--allow-shrink',
  text: 'apply the document even if a service has no range, or more would be removed than the limit allows',
};

export const IP_RANGES_PLAN_OPTIONS: readonly CommandOption[] = [
  ...IP_RANGES_OPTIONS,
  ALLOW_SHRINK_OPTION,
  {
    flags: '--adopt',
    text: "mark rules that AWS's sample or a former target left at the target's ports as the target's",
  },
];

export const IP_RANGES_WRITING_OPTIONS: readonly CommandOption[] = [REASON_OPTION, YES_OPTION];

export const IP_RANGES_COMMAND = {
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: {
    0: 'all is well',
    1: "a target's document was refused, a target is blocked or a call failed",
    2: 'wrong usage, such as a target that does not exist',
  } satisfies ExitCodes,
};

/** Returns the members of the API's requests for these options. */
export const ipRangesBody = ({ allowShrink, adopt, target, reason }: IpRangesPlanOptions & IpRangesWritingOptions) => ({
  allowShrink,
  adopt,
  ...(target && { targets: [...target] }),
  ...(reason !== undefined && { reason: parseReason(reason) }),
});
