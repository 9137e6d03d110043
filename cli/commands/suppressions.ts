import type { OperatorEnvironment } from '../clients/operator.ts';
import type { SuppressionLine } from '../clients/suppressions.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { type Listing, listText, OUTPUT_OPTION, type OutputOptions, orDash } from '../output/listing.ts';

export type SuppressionsOptions = OperatorEnvironment & OutputOptions;

export default defineCommand<SuppressionsOptions>({
  name: 'suppressions',
  heading: 'Look',
  summary: 'list what each suppression archives, since when, and until when',
  options: [OUTPUT_OPTION, jsonOption('a JSON array, like -o json')],
  notes: `
A suppression that has ended, or that the policy no longer has, is listed while it still holds findings. Every hour they go back
to NEW, up to 2,000 an hour, unless another suppression applies; so do those that changed criteria do not cover any more. A note that somebody has written stays.`.trim(),
  examples: ['suture suppressions', 'suture suppressions -o csv > suppressions.csv'],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was listed', 1: 'it failed', 2: 'wrong usage' },
  run: (options) => suppressionsCommand(options),
});

export async function suppressionsCommand(options: SuppressionsOptions): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { listSuppressions } = await import('../clients/suppressions.ts');
  return listText(await listSuppressions(await resolveOperator(options)), LISTING, options);
}

const dayOf = (time: string | null): string => orDash(time?.slice(0, 10));

const LISTING: Listing<SuppressionLine> = {
  columns: [
    { heading: 'suppression', value: ({ id }) => id, cut: { side: 'end', min: 12 } },
    { heading: 'state', value: ({ state }) => state },
    { heading: 'findings', value: ({ holds }) => String(holds) },
    { heading: 'since', value: ({ since }) => dayOf(since), dropped: 2 },
    { heading: 'until', value: ({ until }) => dayOf(until) },
    { heading: 'owner', value: ({ owner }) => orDash(owner), cut: { side: 'end', min: 10 } },
    { heading: 'reason', value: ({ reason }) => orDash(reason), cut: { side: 'end', min: 10 }, dropped: 1 },
  ],
  fields: {
    suppression: ({ id }) => id,
    state: ({ state }) => state,
    findings: ({ holds }) => String(holds),
    since: ({ since }) => since ?? undefined,
    until: ({ until }) => until ?? undefined,
    owner: ({ owner }) => owner ?? undefined,
    reason: ({ reason }) => reason ?? undefined,
  },
  line: ({ id, state, holds, since, until, owner, reason }) => [
    id,
    state,
    String(holds),
    since ?? '',
    until ?? '',
    owner ?? '',
    reason ?? '',
  ],
  name: ({ id }) => id,
  nothing: 'The policy has no suppressions, and none holds findings.',
};
