import { plain } from '../../functions/domain/plain-text.ts';
import type { Stops, StopsClient, SwitchAuditLine } from '../clients/stops.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { type AccountNames, accountName, NO_NAMES } from '../names/account-name.ts';
import { jsonOption } from '../options/standard.ts';
import { fittedTable, type TableColumn } from '../output/fitted-table.ts';
import { rangesText, stopText } from '../output/stop-text.ts';
import { SUTURE } from '../output/suture-command.ts';
import { colour, IS_TERMINAL, tabSeparated, terminalWidth } from '../output/terminal.ts';

type AccountPlace = { readonly account: string | null };

export type StopsOptions = {
  readonly json?: boolean;
  readonly ledger?: StopsClient;
  readonly names?: (places: readonly AccountPlace[]) => Promise<AccountNames>;
  readonly show?: (text: string) => void;
};

export default defineCommand<StopsOptions>({
  name: 'stops',
  heading: 'Look',
  summary: 'show what stops changes: kill switch, open circuits, caps reached this hour',
  options: [jsonOption('one JSON object: stopped, circuits, caps, executions, audit')],
  notes: 'If standard output is not a terminal, one tab-separated line for each thing that stops something.',
  examples: ['suture stops', 'suture stops --json | jq .circuits'],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options) => stopsCommand(options),
});

/** @throws Failure if the ledger does not exist in the account and Region of the environment */
export async function stopsCommand({
  json,
  ledger,
  names = readNames,
  show = () => {},
}: StopsOptions): Promise<string> {
  const { stopsClient } = await import('../clients/stops.ts');
  const stops = await (ledger ?? stopsClient()).all();
  if (json) return JSON.stringify(stops, null, 2);
  const shown = plain(stops);
  if (IS_TERMINAL) return stopsPage(shown, await names([...stops.circuits, ...stops.caps]));
  const lines = rows(shown);
  if (lines.length === 0)
    show(`No stop of Suture's own, no open circuit, no cap that is reached. ${STOPPED_FUNCTIONS}`);
  return tabSeparated(lines);
}

async function readNames(places: readonly AccountPlace[]): Promise<AccountNames> {
  const ids = places.flatMap(({ account }) => account ?? []);
  if (ids.length === 0) return NO_NAMES;
  const { readAccountNames } = await import('../clients/account-book.ts');
  return readAccountNames(ids);
}

function rows({ stopped, circuits, caps, executions }: Stops): string[][] {
  const isSpent = executions.cap !== null && executions.thisHour >= executions.cap;
  return [
    ...(stopped ? [['stopped', stopped.at ?? '', stopped.by ?? '', stopped.reason ?? '']] : []),
    ...circuits.map(({ remediation, account, state, until, failures }) => [
      'circuit',
      remediation,
      account ?? 'organization',
      state,
      until,
      `${failures}`,
    ]),
    ...caps.map(({ remediation, account, cap }) => ['cap', remediation, account ?? 'organization', `${cap}`]),
    ...(isSpent ? [['executions', `${executions.thisHour}`, `${executions.cap}`]] : []),
  ];
}

/** The ledger does not have what somebody does to a function itself. */
const STOPPED_FUNCTIONS = `A function that may not run stops changes too: ${SUTURE} doctor`;

const STATE_TEXTS = {
  open: 'open',
  halfOpen: 'half open: one trial next',
  onTrial: 'half open: trial runs',
};

/** @param stops with harmless texts, as `plain` returns them */
export function stopsPage(
  { stopped, circuits, caps, executions, audit }: Stops,
  names = NO_NAMES,
  width = terminalWidth(),
): string {
  const scope = (account: string | null) => (account === null ? 'the organization' : accountName(account, names));
  const [last] = audit;
  return [
    stopped ? colour('red', `STOPPED ${stopText(stopped)}`) : colour('green', "Not stopped by Suture's own switch"),
    ...(stopped ? rangesText(stopped) : [STOPPED_FUNCTIONS]),
    ...(last ? [`Last: ${last.action} at ${last.at} by ${last.by}${approvalText(last)}: ${last.reason}`] : []),
    '',
    ...section('Circuits', 'All are closed.', {
      columns: [
        REMEDIATION,
        WHERE,
        { heading: 'failures', dropped: 2 },
        { heading: 'until' },
        { heading: 'state', wraps: 12 },
      ],
      rows: circuits.map(({ remediation, account, failures, until, state }) => [
        remediation,
        scope(account),
        `${failures}`,
        until.replace(/\.\d+Z$/, 'Z'),
        STATE_TEXTS[state],
      ]),
      width,
    }),
    ...section('Caps of this hour', 'None was reached.', {
      columns: [REMEDIATION, { heading: 'cap' }, WHERE],
      rows: caps.map(({ remediation, cap, account }) => [remediation, `${cap}`, scope(account)]),
      width,
    }),
    `Executions of this hour: ${executions.thisHour}${executions.cap === null ? '' : ` of at most ${executions.cap}`}`,
  ].join('\n');
}

function approvalText({ approvedBy, alone }: SwitchAuditLine): string {
  if (approvedBy) return `, approved by ${approvedBy}`;
  return alone ? `, approved by nobody (${alone})` : '';
}

/** Whole, because people copy it. */
const REMEDIATION: TableColumn = { heading: 'remediation' };
const WHERE: TableColumn = { heading: 'where', cut: { side: 'end', min: 12 }, dropped: 1, below: true };

type Section = {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
};

const section = (title: string, ifEmpty: string, { columns, rows, width }: Section): string[] =>
  rows.length === 0 ? [`${title}: ${ifEmpty}`, ''] : [colour('bold', title), fittedTable(columns, rows, width), ''];
