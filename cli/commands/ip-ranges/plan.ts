import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_COMMAND,
  IP_RANGES_PLAN_OPTIONS,
  type IpRangesPlanOptions,
  ipRangesBody,
} from '../../ip-ranges/request.ts';
import { ipRangesResult } from '../../output/ip-ranges.ts';

export default defineCommand<IpRangesPlanOptions>({
  name: 'plan',
  summary: 'show the calls that apply would make, with the capacity of each group; writes nothing',
  options: IP_RANGES_PLAN_OPTIONS,
  ...IP_RANGES_COMMAND,
  examples: ['suture ip-ranges plan'],
  run: (options) => ipRangesPlanCommand(options),
});

export async function ipRangesPlanCommand({ api, json, ...options }: IpRangesPlanOptions): Promise<CommandResult> {
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  return ipRangesResult(
    await client.ask('readIpRanges', { body: { command: 'plan', ...ipRangesBody(options) } }),
    json,
  );
}
