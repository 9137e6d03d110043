import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_ACCESS,
  IP_RANGES_EXIT_CODES,
  IP_RANGES_OPTIONS,
  type IpRangesOptions,
  ipRangesRequest,
} from '../../ip-ranges/request.ts';
import { YES_OPTION } from '../../options/standard.ts';
import { confirm } from '../../output/confirm.ts';
import { ipRangesPage, ipRangesResult } from '../../output/ip-ranges.ts';

export type IpRangesRemoveOptions = IpRangesOptions & {
  readonly yes?: boolean;
  readonly show?: (text: string) => void;
  readonly announce?: () => Promise<void>;
};

export default defineCommand<IpRangesRemoveOptions>({
  name: 'remove',
  summary: 'delete the rules of targets that are no longer configured: shows the calls, and asks',
  options: [...IP_RANGES_OPTIONS, YES_OPTION],
  notes:
    'Without --target, all of them. Only rules go that other groups of the same interface have too, or that are attached to\n' +
    'nothing; so do groups and lists that Suture created. Rules of people in the same groups stay.',
  examples: ['suture ip-ranges remove --target shop'],
  writes: true,
  access: IP_RANGES_ACCESS,
  exitCodes: IP_RANGES_EXIT_CODES,
  run: (options) => ipRangesRemoveCommand(options),
});

export async function ipRangesRemoveCommand(options: IpRangesRemoveOptions): Promise<CommandResult> {
  const { yes, json, show = () => {}, lambda } = options;
  const planRequest = await ipRangesRequest('plan-removal', options);
  await options.announce?.();
  const { invokeIpRanges } = await import('../../clients/ip-ranges.ts');
  const plan = await invokeIpRanges(planRequest, lambda);
  if (plan.targets.length === 0)
    return { text: json ? '[]' : 'Every target that Suture knows is configured. Nothing was removed.', failed: false };
  if (plan.targets.every(({ calls = [], error }) => error && calls.length === 0)) return ipRangesResult(plan, json);
  show(ipRangesPage(plan));
  await confirm('Make these calls?', { yes, refusal: 'Nothing was changed.' });
  return ipRangesResult(await invokeIpRanges({ ...planRequest, command: 'remove' }, lambda), json);
}
