import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_ACCESS,
  IP_RANGES_EXIT_CODES,
  IP_RANGES_PLAN_OPTIONS,
  type IpRangesPlanOptions,
  ipRangesRequest,
} from '../../ip-ranges/request.ts';
import { YES_OPTION } from '../../options/standard.ts';
import { confirm } from '../../output/confirm.ts';
import { ipRangesPage, ipRangesResult } from '../../output/ip-ranges.ts';

export type IpRangesApplyOptions = IpRangesPlanOptions & {
  readonly yes?: boolean;
  readonly show?: (text: string) => void;
  readonly announce?: () => Promise<void>;
};

export default defineCommand<IpRangesApplyOptions>({
  name: 'apply',
  summary: 'make the planned calls: shows the plan, and asks',
  options: [...IP_RANGES_PLAN_OPTIONS, YES_OPTION],
  writes: true,
  access: IP_RANGES_ACCESS,
  exitCodes: IP_RANGES_EXIT_CODES,
  run: (options) => ipRangesApplyCommand(options),
});

/** `failed` if a target's document was refused, a target is blocked or a call failed. */
export async function ipRangesApplyCommand(options: IpRangesApplyOptions): Promise<CommandResult> {
  const { yes, json, show = () => {}, lambda } = options;
  const planRequest = await ipRangesRequest('plan', options);
  await options.announce?.();
  const { invokeIpRanges } = await import('../../clients/ip-ranges.ts');
  const plan = await invokeIpRanges(planRequest, lambda);
  if (plan.targets.every(({ calls = [] }) => calls.length === 0)) return ipRangesResult(plan, json);
  show(ipRangesPage(plan));
  const hasErrors = plan.targets.some(({ error }) => error !== undefined);
  const question = hasErrors ? 'Make these calls, and leave what is refused or blocked as it is?' : 'Make these calls?';
  await confirm(question, { yes, refusal: 'Nothing was changed.' });
  return ipRangesResult(await invokeIpRanges({ ...planRequest, command: 'apply' }, lambda), json);
}
