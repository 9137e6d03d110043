import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_COMMAND,
  IP_RANGES_OPTIONS,
  IP_RANGES_WRITING_OPTIONS,
  type IpRangesOptions,
  type IpRangesWritingOptions,
  ipRangesBody,
} from '../../ip-ranges/request.ts';
import { confirm } from '../../output/confirm.ts';
import { ipRangesDone, ipRangesPage, ipRangesResult } from '../../output/ip-ranges.ts';

export type IpRangesRemoveOptions = IpRangesOptions & IpRangesWritingOptions;

export default defineCommand<IpRangesRemoveOptions>({
  name: 'remove',
  summary: 'delete the rules of targets that are no longer configured: shows the calls, and asks',
  options: [...IP_RANGES_OPTIONS, ...IP_RANGES_WRITING_OPTIONS],
  notes:
    'Without --target, all of them. Only rules go that other groups of the same interface have too, or that are attached to\n' +
    'nothing; so do groups and lists that Suture created. Rules of people in the same groups stay.',
  examples: ['suture ip-ranges remove --target shop'],
  writes: true,
  ...IP_RANGES_COMMAND,
  run: (options) => ipRangesRemoveCommand(options),
});

export async function ipRangesRemoveCommand(options: IpRangesRemoveOptions): Promise<CommandResult> {
  const { yes, json, show = () => {}, api, reason, announce, ...selection } = options;
  const body = ipRangesBody({ ...selection, reason });
  await announce?.();
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  const plan = await client.ask('readIpRanges', { body: { command: 'plan-removal', ...ipRangesBody(selection) } });
  if (plan.targets.length === 0)
    return { text: json ? '[]' : 'Every target that Suture knows is configured. Nothing was removed.', failed: false };
  if (plan.targets.every(({ calls = [], error }) => error && calls.length === 0)) return ipRangesResult(plan, json);
  show(ipRangesPage(plan));
  if (!yes) await client.requirePermission('changeIpRanges');
  await confirm('Make these calls?', { yes, refusal: 'Nothing was changed.' });
  return ipRangesDone(await client.ask('changeIpRanges', { body: { command: 'remove', ...body } }), json, plan);
}
