import { type CommandResult, defineCommand } from '../../command.ts';
import {
  ALLOW_SHRINK_OPTION,
  IP_RANGES_COMMAND,
  IP_RANGES_OPTIONS,
  type IpRangesOptions,
  type IpRangesWritingOptions,
  ipRangesBody,
} from '../../ip-ranges/request.ts';
import { REASON_OPTION } from '../../options/standard.ts';
import { ipRangesPage, ipRangesResult } from '../../output/ip-ranges.ts';

export type IpRangesProposeOptions = IpRangesOptions &
  Pick<IpRangesWritingOptions, 'show' | 'announce'> & { readonly reason: string; readonly allowShrink?: boolean };

export default defineCommand<IpRangesProposeOptions, [file: string]>({
  name: 'propose',
  summary: 'propose a document that AWS does not publish: shows its plan, and another person approves it',
  arguments: [{ name: '<file>', text: 'a document in the format of ip-ranges.json' }],
  options: [...IP_RANGES_OPTIONS, ALLOW_SHRINK_OPTION, { ...REASON_OPTION, required: true }],
  notes:
    'Changes nothing. The next document that AWS publishes replaces what it lets in: the ledger does not record it as\n' +
    'applied.',
  examples: ['suture ip-ranges propose ranges.json --target shop --reason "AWS cannot be reached: …"'],
  writes: true,
  ...IP_RANGES_COMMAND,
  run: (options, file) => ipRangesProposeCommand(file, options),
});

export async function ipRangesProposeCommand(
  file: string,
  { json, show = () => {}, api, announce, ...options }: IpRangesProposeOptions,
): Promise<CommandResult> {
  const { readDocument } = await import('../../ip-ranges/document.ts');
  const document = await readDocument(file);
  await announce?.();
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  const id = await client.propose({ document, ...ipRangesBody(options) });
  const plan = await client.ask('readIpRanges', { body: { command: 'plan', proposal: id } });
  if (json) return ipRangesResult(plan, json);
  show(ipRangesPage(plan));
  const { failed } = ipRangesResult(plan);
  return { text: `Proposed. Another person approves it within three days: suture ip-ranges approve ${id}`, failed };
}
