/** `suture stop`, `suture resume`, `suture stops`: nothing is changed any more, and what else stops changes. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Stopped, type Stops, stopsIn } from '../clients/stops.ts';
import { Failure } from '../errors/failure.ts';
import { checkedReason } from '../options/reason.ts';
import { confirmed } from '../output/confirm.ts';
import { colour, onTerminal, table, tabSeparated } from '../output/terminal.ts';

type Common = { readonly json?: boolean; readonly ledger?: ReturnType<typeof stopsIn>; readonly sts?: STSClient };
export type SwitchOptions = Common & { readonly reason: string; readonly yes?: boolean };

export async function stopCommand({ json, reason, yes, ledger = stopsIn(), sts = new STSClient({}) }: SwitchOptions) {
  const why = checkedReason(reason);
  await agreed('Stop Suture? Nothing is planned or changed any more in any account, until somebody resumes it.', yes);
  const changed = await ledger.stop(await callerOf(sts), why);
  const stopped = await ledger.stopped();
  if (json) return inJson({ changed, stopped });
  if (!changed) return `Suture was stopped already, ${inWords(stopped)}. Nothing was changed.`;
  return [
    `Suture is stopped ${inWords(stopped)}.`,
    'What has begun ends within 5 minutes; every other attempt fails with Stopped from now on, and can be redriven.',
    'To go on: npm run -s suture -- resume --reason "…"',
  ].join('\n');
}

export async function resumeCommand({ json, reason, yes, ledger = stopsIn(), sts = new STSClient({}) }: SwitchOptions) {
  const why = checkedReason(reason);
  const before = await ledger.stopped();
  if (!before) return json ? inJson({ changed: false, stopped: null }) : 'Suture is not stopped. Nothing was changed.';
  await agreed(`Resume Suture? It is stopped ${inWords(before)}.`, yes);
  const changed = await ledger.resume(before, await callerOf(sts), why);
  const stopped = await ledger.stopped();
  if (!changed && stopped) throw new Failure(`Suture was stopped anew in the meantime, ${inWords(stopped)}.`);
  if (json) return inJson({ changed, stopped });
  return 'Suture goes on. Executions that failed with Stopped in the meantime go on when they are redriven.';
}

export async function stopsCommand({ json, ledger = stopsIn() }: Common): Promise<string> {
  const stops = await ledger.all();
  if (json) return inJson(stops);
  return onTerminal ? page(stops) : tabSeparated(lines(stops));
}

async function agreed(question: string, yes: boolean | undefined): Promise<void> {
  if (!(await confirmed(question, { yes }))) throw new Failure('Nothing was changed.');
}

async function callerOf(sts: STSClient): Promise<string> {
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn!;
}

const inWords = (stopped: Stopped | null) =>
  stopped
    ? `since ${stopped.at ?? 'an unknown time'} by ${stopped.by ?? 'somebody'}: ${stopped.reason ?? 'no reason was given'}`
    : 'not any more';

/** One line for each thing that stops something. */
function lines({ stopped, circuits, caps, executions }: Stops): string[][] {
  const spent = executions.cap !== null && executions.thisHour >= executions.cap;
  return [
    ...(stopped ? [['stopped', stopped.at ?? '', stopped.by ?? '', stopped.reason ?? '']] : []),
    ...circuits.map(({ remediation, state, until, failures }) => ['circuit', remediation, state, until, `${failures}`]),
    ...caps.map(({ remediation, account, cap }) => ['cap', remediation, account ?? 'organization', `${cap}`]),
    ...(spent ? [['executions', `${executions.thisHour}`, `${executions.cap}`]] : []),
  ];
}

const STATES = {
  open: 'open',
  halfOpen: 'half open: the next change is a try',
  trying: 'half open: a try is under way',
};

function page({ stopped, circuits, caps, executions, audit }: Stops): string {
  const [last] = audit;
  return [
    stopped ? colour('red', `STOPPED ${inWords(stopped)}`) : colour('green', 'Not stopped'),
    ...(last ? [`Last: ${last.action} at ${last.at} by ${last.by}: ${last.reason}`] : []),
    '',
    ...section(
      'Circuits',
      'All are closed.',
      ['remediation', 'failures', 'until', 'state'],
      [
        ...circuits.map(({ remediation, failures, until, state }) => [
          remediation,
          `${failures}`,
          until,
          STATES[state],
        ]),
      ],
    ),
    ...section(
      'Caps of this hour',
      'None was reached.',
      ['remediation', 'cap', 'where'],
      [...caps.map(({ remediation, cap, account }) => [remediation, `${cap}`, account ?? 'the organization'])],
    ),
    `Executions of this hour: ${executions.thisHour}${executions.cap === null ? '' : ` of ${executions.cap} at most`}`,
  ].join('\n');
}

const section = (title: string, none: string, headings: readonly string[], rows: readonly (readonly string[])[]) =>
  rows.length === 0 ? [`${title}: ${none}`, ''] : [colour('bold', title), table(headings, rows), ''];

const inJson = (value: object) => JSON.stringify(value, null, 2);
