/** The display of `npm start`: states as they are entered, then a table and the story of each finding. */
import type { Kernel } from '../../sandbox/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge.ts';
import { executionSummary } from '../../sandbox/services/sfn.ts';
import { colour, table } from '../terminal.ts';
import type { PutFinding } from './story.ts';
import type { Trace, TracedCall } from './trace.ts';

/** Milliseconds between looks at the executions. */
const EVERY = 25;

/** Tells of each state that an execution enters, until the answered function is called. */
export function follow(kernel: Kernel, put: readonly PutFinding[], say: (line: string) => void): () => void {
  const seen = new Map<string, number>();
  function look() {
    for (const { eventId, finding, seed } of put) {
      const arn = deliveries(kernel).find((each) => each.eventId === eventId && each.outcome === 'delivered')?.result;
      if (!arn) continue;
      const { path, status, error } = executionSummary(kernel, String(arn));
      const steps = [...path, ...(status === 'RUNNING' ? [] : [error ? `${status} with ${error}` : status])];
      for (const step of steps.slice(seen.get(eventId) ?? 0))
        say(`${seed.control.padEnd(12)} ${finding.AwsAccountId}  ${step}`);
      seen.set(eventId, steps.length);
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
  const rows = traces.map((trace, n) => [
    trace.control ?? '-',
    trace.account ?? '-',
    trace.region ?? '-',
    trace.route,
    trace.outcome ?? '-',
    put[n]!.seed.shows,
  ]);
  say(`\n${table(['control', 'account', 'Region', 'route', 'outcome', 'what it shows'], rows)}`);
  for (const trace of traces) say(`\n${story(trace)}`);
  const count = Map.groupBy(traces, ({ outcome, route }) => outcome ?? route);
  say(`\n${traces.length} findings: ${[...count].map(([name, of]) => `${of.length} ${name}`).join(', ')}.`);
  say(NEXT);
}

const NEXT = `
Next:
  npm start -- --json     the same as one JSON document
  npm run sandbox         keeps the organization running for SDK clients and the AWS CLI
  npm test                every test`;

function story({ control, account, resource, outcome, route, reason, before, after, execution, calls }: Trace): string {
  const shade = SHADES[outcome ?? ''] ?? 'bold';
  const lines = [
    `${colour(shade, outcome ?? route.toUpperCase())} ${control} in ${account}, ${resource}`,
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
