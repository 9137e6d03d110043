import { type CommandResult, defineCommand } from '../../command.ts';
import {
  IP_RANGES_COMMAND,
  IP_RANGES_PLAN_OPTIONS,
  IP_RANGES_WRITING_OPTIONS,
  type IpRangesPlanOptions,
  type IpRangesWritingOptions,
  ipRangesBody,
} from '../../ip-ranges/request.ts';
import { confirm } from '../../output/confirm.ts';
import { ipRangesDone, ipRangesPage, ipRangesQuestion, ipRangesResult } from '../../output/ip-ranges.ts';

export type IpRangesApplyOptions = IpRangesPlanOptions & IpRangesWritingOptions;

export default defineCommand<IpRangesApplyOptions>({
  name: 'apply',
  summary: 'make the planned calls for the published document: shows the plan, and asks',
  options: [...IP_RANGES_PLAN_OPTIONS, ...IP_RANGES_WRITING_OPTIONS],
  examples: ['suture ip-ranges apply'],
  writes: true,
  ...IP_RANGES_COMMAND,
  run: (options) => ipRangesApplyCommand(options),
});

/** Fails if a target's document was refused, a target is blocked or a call failed. */
export async function ipRangesApplyCommand(options: IpRangesApplyOptions): Promise<CommandResult> {
  const { yes, json, show = () => {}, api, reason, announce, ...planning } = options;
  const body = ipRangesBody({ ...planning, reason });
  await announce?.();
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  const plan = await client.ask('readIpRanges', { body: { command: 'plan', ...ipRangesBody(planning) } });
  if (plan.targets.every(({ calls = [] }) => calls.length === 0)) return ipRangesResult(plan, json);
  show(ipRangesPage(plan));
  if (!yes) await client.requirePermission('changeIpRanges');
  await confirm(ipRangesQuestion(plan), { yes, refusal: 'Nothing was changed.' });
  return ipRangesDone(await client.ask('changeIpRanges', { body: { command: 'apply', ...body } }), json, plan);
}
