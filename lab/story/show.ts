/** The display of `npm start`: each state as an execution enters it, then a table and an account of each finding. */
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import type { Trace } from '../organization/trace.ts';
import { outcomeCounts, traceStory, traceTable } from '../organization/trace-text.ts';
import type { StoryEvent } from './story.ts';

const POLL_INTERVAL_MS = 25;

/**
 * Prints each state that an execution enters, until the caller calls the returned function. `events` may grow
 * meanwhile.
 */
export function followExecutions(
  kernel: Kernel,
  events: readonly StoryEvent[],
  say: (line: string) => void,
): () => void {
  const printed = new Map<string, number>();
  function printNewSteps() {
    for (const { event, story } of events) {
      const steps = stepsOf(kernel, event.id);
      for (const step of steps.slice(printed.get(event.id) ?? 0))
        say(`${story.control.padEnd(12)} ${story.account}  ${step}`);
      printed.set(event.id, steps.length);
    }
  }
  const timer = setInterval(printNewSteps, POLL_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    printNewSteps();
  };
}

/** Returns the states that the event's execution has entered, and its status when it has ended. */
function stepsOf(kernel: Kernel, eventId: string): string[] {
  const arn = deliveries(kernel).find((each) => each.eventId === eventId && each.outcome === 'delivered')?.result;
  if (!arn) return [];
  const { path, status, error } = executionSummary(kernel, String(arn));
  if (status === 'RUNNING') return [...path];
  return [...path, error ? `${status} with ${error}` : status];
}

export function showTraces(traces: readonly Trace[], events: readonly StoryEvent[], say: (line: string) => void): void {
  say(`\n${traceTable(traces, 'what it shows', (_, n) => events[n]!.story.shows)}`);
  for (const trace of traces) say(`\n${traceStory(trace)}`);
  say(`\n${outcomeCounts(traces)}`);
  say(NEXT_STEPS);
}

const NEXT_STEPS = `
Next:
  npm start -- --json     prints the same as one JSON document
  npm run sandbox         keeps the organization running for SDK clients and the AWS CLI
  npm test                runs every test`;
