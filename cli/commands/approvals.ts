import type { ApprovalView } from '../../functions/domain/approval.ts';
import type { ApprovalApi } from '../clients/approvals.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { Unreachable } from '../errors/unreachable.ts';
import { type AccountNames, accountCell, NO_NAMES } from '../names/account-name.ts';
import { resourceTail, SHORT_ID_DIGITS } from '../names/short-names.ts';
import { jsonOption } from '../options/standard.ts';
import { ageText } from '../output/age.ts';
import { countText } from '../output/count-text.ts';
import {
  isExact,
  type Listing,
  listText,
  OUTPUT_NOTES,
  OUTPUT_OPTION,
  type OutputOptions,
  oneLine,
} from '../output/listing.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';

export type ApprovalsOptions = OutputOptions & {
  readonly api?: ApprovalApi;
  /** Counts the proposals that wait. Default: those that the person may read, or none if `api` is given. */
  readonly countProposals?: () => Promise<number>;
  /** Default: the directory's names, or none if `api` is given. */
  readonly namesOf?: (accounts: readonly string[]) => Promise<AccountNames>;
  readonly now?: () => number;
};

export default defineCommand<ApprovalsOptions>({
  name: 'approvals',
  heading: 'Look',
  summary: 'list the changes that wait for approval',
  options: [OUTPUT_OPTION, jsonOption('a JSON array with the whole plan of each, like -o json')],
  notes: `${OUTPUT_NOTES} The lines have id, control,\nrisk, account, denied after, change.`,
  examples: ['suture approvals', 'suture approvals -o name'],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options) => approvalsCommand(options),
});

/** @throws Failure if there is no API */
export async function approvalsCommand(options: ApprovalsOptions): Promise<string> {
  const { api, namesOf = api ? noNames : readNames, now = Date.now, ...rest } = options;
  const { countProposals = api ? async () => 0 : () => readableProposals(now()), ...output } = rest;
  const { approvalApi } = await import('../clients/approvals.ts');
  const waiting = await (api ?? (await approvalApi())).list();
  const proposals = isExact(output) || output.output === 'name' ? 0 : await countProposals();
  const footer = [
    ...(waiting[0]
      ? [`${waiting.length} waiting. To see a plan and answer: suture approve ${shortId(waiting[0])}`]
      : []),
    ...(proposals > 0
      ? [`${countText(proposals, 'proposal waits', 'proposals wait')} too: suture proposals list`]
      : []),
  ];
  const names = isExact(output) ? await noNames() : await namesOf(waiting.map(({ account }) => account));
  return listText(waiting, { ...listing(now(), names), footer }, output);
}

const noNames = async (): Promise<AccountNames> => NO_NAMES;

/** Returns 0 if the person may not read proposals. */
async function readableProposals(now: number): Promise<number> {
  const { countOpenProposals } = await import('../clients/waiting-answers.ts');
  const { proposalApi } = await import('../clients/proposals.ts');
  try {
    return await countOpenProposals(await proposalApi(), now);
  } catch (error) {
    if (error instanceof Unreachable) return 0;
    throw error;
  }
}

async function readNames(accounts: readonly string[]): Promise<AccountNames> {
  if (accounts.length === 0) return noNames();
  const { readAccountNames } = await import('../clients/account-book.ts');
  return readAccountNames(accounts);
}

const shortId = ({ id }: ApprovalView): string => id.slice(0, SHORT_ID_DIGITS);

const listing = (now: number, names: AccountNames): Listing<ApprovalView> => ({
  columns: [
    { heading: 'id', value: shortId },
    { heading: 'control', value: ({ control }) => control, cut: { side: 'end', min: 8 } },
    {
      heading: 'risk',
      value: ({ risk }) => risk,
      paint: (shown, whole) => colour(RISK_COLOURS[whole as ApprovalView['risk']], shown),
    },
    { heading: 'account', value: ({ account }) => accountCell(account, names), cut: { side: 'end', min: 12 } },
    { heading: 'left', value: ({ until }) => ageText(until, now) },
    { heading: 'resource', value: ({ resource }) => resourceTail(resource), cut: { side: 'start', min: 10 } },
    { heading: 'change', value: ({ summary }) => oneLine(summary), cut: { side: 'end', min: 10 }, dropped: 1 },
  ],
  fields: {
    id: ({ id }) => id,
    control: ({ control }) => control,
    risk: ({ risk }) => risk,
    account: ({ account }) => account,
    'account name': ({ account }) => names.get(account),
    region: ({ region }) => region,
    resource: ({ resource }) => resource,
    'asked at': ({ askedAt }) => askedAt,
    'asked by': ({ askedBy }) => askedBy,
    'denied after': ({ until }) => until,
    change: ({ summary }) => oneLine(summary),
    lost: ({ loses }) => loses,
  },
  line: ({ id, control, risk, account, until, summary }) => [id, control, risk, account, until, summary],
  name: ({ id }) => id,
  nothing: 'Nothing waits for approval.',
});
