import { type CommandResult, defineCommand } from '../../command.ts';
import { Failure } from '../../errors/failure.ts';
import { IP_RANGES_COMMAND, type IpRangesOptions, type IpRangesWritingOptions } from '../../ip-ranges/request.ts';
import { jsonOption, YES_OPTION } from '../../options/standard.ts';
import { confirm } from '../../output/confirm.ts';
import { ipRangesPage, ipRangesQuestion, ipRangesResult } from '../../output/ip-ranges.ts';

export type IpRangesApproveOptions = Pick<IpRangesOptions, 'json' | 'api'> &
  Pick<IpRangesWritingOptions, 'yes' | 'show' | 'announce'>;

export default defineCommand<IpRangesApproveOptions, [id: string]>({
  name: 'approve',
  summary: 'approve and apply a proposed document: shows its plan, and asks',
  arguments: [{ name: '<id>', text: 'as suture ip-ranges propose prints it' }],
  options: [YES_OPTION, jsonOption('a JSON array with an object for each target')],
  notes: 'Whoever proposed it may not approve it.',
  writes: true,
  ...IP_RANGES_COMMAND,
  run: (options, id) => ipRangesApproveCommand(id, options),
});

export async function ipRangesApproveCommand(
  id: string,
  { yes, json, api, show = () => {}, announce }: IpRangesApproveOptions,
): Promise<CommandResult> {
  await announce?.();
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  const plan = await client.ask('readIpRanges', { body: { command: 'plan', proposal: id } });
  if (!plan.proposal) throw new Failure(`${id} has no plan that can be approved.`);
  show(ipRangesPage(plan));
  await confirm(ipRangesQuestion(plan), { yes, refusal: 'Nothing was approved.' });
  const { digest } = plan.proposal;
  return ipRangesResult(await client.ask('approveIpRanges', { parameters: { id }, body: { digest } }), json);
}
