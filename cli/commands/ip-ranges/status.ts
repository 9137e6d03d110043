import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_ACCESS,
  IP_RANGES_EXIT_CODES,
  IP_RANGES_OPTIONS,
  type IpRangesOptions,
  ipRangesRequest,
} from '../../ip-ranges/request.ts';
import { ipRangesResult } from '../../output/ip-ranges.ts';

export default defineCommand<IpRangesOptions>({
  name: 'status',
  summary: 'show the rules of each target, and the document that was applied to it',
  options: IP_RANGES_OPTIONS,
  access: IP_RANGES_ACCESS,
  exitCodes: IP_RANGES_EXIT_CODES,
  run: (options) => ipRangesStatusCommand(options),
});

export async function ipRangesStatusCommand(options: IpRangesOptions): Promise<CommandResult> {
  const request = await ipRangesRequest('status', options);
  const { invokeIpRanges } = await import('../../clients/ip-ranges.ts');
  return ipRangesResult(await invokeIpRanges(request, options.lambda), options.json);
}
