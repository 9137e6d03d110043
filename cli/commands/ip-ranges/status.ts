import { type CommandResult, defineCommand } from '../../command.ts';
import { IP_RANGES_COMMAND, IP_RANGES_OPTIONS, type IpRangesOptions, ipRangesBody } from '../../ip-ranges/request.ts';
import { ipRangesStatus } from '../../output/ip-ranges.ts';

export default defineCommand<IpRangesOptions>({
  name: 'status',
  summary: 'show the rules of each target, and the document that was applied to it',
  options: IP_RANGES_OPTIONS,
  ...IP_RANGES_COMMAND,
  exitCodes: {
    ...IP_RANGES_COMMAND.exitCodes,
    1: 'a target cannot be read, its last run failed, or a document of more than a day ago is not applied',
  },
  examples: ['suture ip-ranges status'],
  run: (options) => ipRangesStatusCommand(options),
});

export async function ipRangesStatusCommand({ api, json, ...options }: IpRangesOptions): Promise<CommandResult> {
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  const body = { command: 'status', ...ipRangesBody(options) };
  return ipRangesStatus(await client.ask('readIpRanges', { body }), json);
}
