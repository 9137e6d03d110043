import { type CommandResult, defineCommand } from '../../command.ts';
import {
  ALLOW_SHRINK_OPTION,
  IP_RANGES_COMMAND,
  IP_RANGES_OPTIONS,
  type IpRangesOptions,
  type IpRangesWritingOptions,
  ipRangesBody,
} from '../../ip-ranges/request.ts';
import { parseReason } from '../../options/reason.ts';
import { REASON_OPTION, YES_OPTION } from '../../options/standard.ts';
import { confirm } from '../../output/confirm.ts';
import { ipRangesDone, ipRangesPage, ipRangesResult } from '../../output/ip-ranges.ts';
import { proposedText } from '../../proposals/proposal-text.ts';

export type IpRangesProposeOptions = IpRangesOptions &
  Pick<IpRangesWritingOptions, 'show' | 'announce' | 'yes'> & {
    readonly reason?: string;
    readonly allowShrink?: boolean;
  };

export default defineCommand<IpRangesProposeOptions, [file: string]>({
  name: 'propose',
  summary: 'propose a document that AWS does not publish: shows its plan, and another person approves it',
  arguments: [{ name: '<file>', text: 'a document in the format of ip-ranges.json' }],
  options: [...IP_RANGES_OPTIONS, ALLOW_SHRINK_OPTION, { ...REASON_OPTION, required: true }, YES_OPTION],
  notes:
    'The next document that AWS publishes replaces what it lets in: the ledger does not record it as applied.\n' +
    'With onePerson in cdk.json, it is applied at once.',
  examples: ['suture ip-ranges propose ranges.json --target shop --reason "AWS cannot be reached: …"'],
  writes: true,
  ...IP_RANGES_COMMAND,
  run: (options, file) => ipRangesProposeCommand(file, options),
});

export async function ipRangesProposeCommand(
  file: string,
  { json, yes, show = () => {}, api, announce, reason: reasonText, ...options }: IpRangesProposeOptions,
): Promise<CommandResult> {
  const { readDocument } = await import('../../ip-ranges/document.ts');
  const reason = parseReason(reasonText ?? '', 'AWS cannot be reached');
  const document = await readDocument(file);
  await announce?.();
  const { ipRangesClient } = await import('../../clients/ip-ranges.ts');
  const client = await ipRangesClient(api);
  const plan = await client.ask('planIpRangesDocument', { body: { document, ...ipRangesBody(options) } });
  if (!json) show(ipRangesPage(plan));
  if (!yes) await client.requirePermission('proposeIpRanges');
  await confirm('Propose these calls?', { yes, refusal: 'Nothing was proposed.' });
  const { proposal, request } = await client.propose({ request: plan.id, reason });
  if (request !== undefined) return ipRangesDone(await client.result(request), json, plan);
  const { failed } = ipRangesResult(plan);
  if (json) return { text: JSON.stringify({ proposal, targets: plan.targets }, null, 2), failed };
  return { text: proposedText('Nothing is changed.', proposal!), failed };
}
