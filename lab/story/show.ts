/** The display of `npm start`: states as they are entered, then a table and the story of each finding. */

import { colour, table } from '../../cli/output/terminal.ts';
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/index.ts';
import { executionSummary } from '../../sandbox/services/sfn/index.ts';
import type { Trace, TracedCall } from '../organization/trace.ts';
import type { PutFinding } from './story.ts';

/** Milliseconds between looks at the executions. */
const EVERY = 25;

/** Tells of each state that an execution enters, until the answered function is called. */
export function follow(kernel: Kernel, put: readonly PutFinding[], say: (line: string) => void): () => void {
  const seen = new Map<string, number>();
  function look() {
    for (const { event, seed } of put) {
      const arn = deliveries(kernel).find((each) => each.eventId === event.id && each.outcome === 'delivered')?.result;
      if (!arn) continue;
      const { path, status, error } = executionSummary(kernel, String(arn));
      const steps = [...path, ...(status === 'RUNNING' ? [] : [error ? `${status} with ${error}` : status])];
      for (const step of steps.slice(seen.get(event.id) ?? 0))
        say(`${seed.control.padEnd(12)} ${seed.account}  ${step}`);
      seen.set(event.id, steps.length);
    }
  }
  const timer = setInterval(look, EVERY);
  return () => {
    clearInterval(timer);
    look();
  };
}

const SHADES: Readonly<Record<string, Parameters<typeof colour>[0]>> = {
  FIXED: 'green',
  FAILED: 'red',
  ARCHIVED: 'blue',
  PLANNED: 'yellow',
};

export function showTraces(traces: readonly Trace[], put: readonly PutFinding[], say: (line: string) => void): void {
  say(`\n${tableOf(traces, 'what it shows', (_, n) => put[n]!.seed.shows)}`);
  for (const trace of traces) say(`\n${story(trace)}`);
  say(`\n${counted(traces)}`);
  say(NEXT);
}

/** One line a finding, the last column as told. */
export const tableOf = (traces: readonly Trace[], heading: string, last: (trace: Trace, n: number) => string): string =>
  table(
    ['control', 'account', 'Region', 'route', 'outcome', heading],
    traces.map((trace, n) => [
      trace.control ?? '-',
      trace.account ?? '-',
      trace.region ?? '-',
      trace.route,
      trace.outcome ?? '-',
      last(trace, n),
    ]),
  );

export function counted(traces: readonly Trace[]): string {
  const count = Map.groupBy(traces, ({ outcome, route }) => outcome ?? route);
  const of = [...count].map(([name, those]) => `${those.length} ${name}`).join(', ');
  return `${traces.length} ${traces.length === 1 ? 'finding' : 'findings'}: ${of}.`;
}

const NEXT = `
Next:
  npm start -- --json     the same as one JSON document
  npm run sandbox         keeps the organization running for SDK clients and the AWS CLI
  npm test                every test`;

/** All that is known of what became of a finding. */
export function story({
  control,
  account,
  resource,
  outcome,
  route,
  reason,
  before,
  after,
  execution,
  calls,
}: Trace): string {
  const shade = SHADES[outcome ?? ''] ?? 'bold';
  const lines = [
    `${colour(shade, outcome ?? route.toUpperCase())} ${control ?? 'no control'} in ${account ?? 'no account'}, ${resource ?? 'no resource'}`,
    `  because  ${indented(reason)}`,
  ];
  if (before !== null) lines.push(`  before   ${JSON.stringify(before)}`, `  after    ${JSON.stringify(after)}`);
  if (execution)
    lines.push(`  states   ${execution.path.join(' → ')} (${execution.status}, ${execution.transitions} entered)`);
  for (const call of calls) lines.push(`  call     ${inWords(call)}`);
  return lines.join('\n');
}

const indented = (text: string) => text.split('\n').join('\n           ');
const inWords = ({ action, resource, account, region, decision, role }: TracedCall) =>
  `${decision === 'Deny' ? colour('red', 'denied ') : ''}${action} on ${resource} in ${account} ${region}${role ? ` as ${role.split('/').at(-1)}` : ''}`;
