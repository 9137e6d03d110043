import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_ACCESS,
  IP_RANGES_EXIT_CODES,
  IP_RANGES_PLAN_OPTIONS,
  type IpRangesPlanOptions,
  ipRangesRequest,
} from '../../ip-ranges/request.ts';
import { ipRangesResult } from '../../output/ip-ranges.ts';

export default defineCommand<IpRangesPlanOptions>({
  name: 'plan',
  summary: 'show the calls that apply would make, with the capacity of each group; writes nothing',
  options: IP_RANGES_PLAN_OPTIONS,
  access: IP_RANGES_ACCESS,
  exitCodes: IP_RANGES_EXIT_CODES,
  run: (options) => ipRangesPlanCommand(options),
});

export async function ipRangesPlanCommand(options: IpRangesPlanOptions): Promise<CommandResult> {
  const request = await ipRangesRequest('plan', options);
  const { invokeIpRanges } = await import('../../clients/ip-ranges.ts');
  return ipRangesResult(await invokeIpRanges(request, options.lambda), options.json);
}
