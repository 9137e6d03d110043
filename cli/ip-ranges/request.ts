import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { IpRangesCommand } from '../../ip-ranges/contract/command.ts';
import type { CommandOption, ExitCodes } from '../command.ts';
import { jsonOption } from '../options/standard.ts';

export type IpRangesOptions = {
  readonly target?: readonly string[];
  readonly json?: boolean;
  /** Must not retry: a retry would not know what the first attempt did. */
  readonly lambda?: LambdaClient;
};

export type IpRangesPlanOptions = IpRangesOptions & {
  readonly document?: string;
  readonly allowShrink?: boolean;
  readonly adopt?: boolean;
};

export const IP_RANGES_OPTIONS: readonly CommandOption[] = [
  { flags: '--target <name>', text: 'one target; may be given several times', repeatable: true },
  jsonOption('a JSON array with an object for each target'),
];

export const IP_RANGES_PLAN_OPTIONS: readonly CommandOption[] = [
  ...IP_RANGES_OPTIONS,
  {
    flags: '--document <file>',
    text: 'use this document instead of the published one; the ledger does not record it',
  },
  {
    flags: '--allow-shrink',
    text: 'apply the document even if a service has no range, or more would be removed than the limit allows',
  },
  {
    flags: '--adopt',
    text: "mark rules that AWS's sample or a former target left at the target's ports as the target's",
  },
];

export const IP_RANGES_ACCESS = `
Invokes the function suture-ip-ranges in the Region that cdk.json gives it, with the credentials of the environment: those of
the security account. IAM must allow lambda:InvokeFunction on it. For the sandbox, npm run sandbox prints what to export.`.trim();

export const IP_RANGES_EXIT_CODES: ExitCodes = {
  0: 'all is well',
  1: "a target's document was refused, a target is blocked or a call failed",
  2: 'wrong usage, such as a target that does not exist',
};

/** @throws UsageError if the document cannot be read */
export async function ipRangesRequest(
  command: IpRangesCommand['command'],
  { document, allowShrink, adopt, target }: IpRangesPlanOptions,
): Promise<IpRangesCommand> {
  const { readDocument } = await import('./document.ts');
  return {
    command,
    document: document === undefined ? undefined : await readDocument(document),
    allowShrink,
    adopt,
    ...(target && { targets: [...target] }),
  };
}
