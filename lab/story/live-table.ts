/** The table of the findings, whose rows change in place on a terminal. */
import { colour, IS_TERMINAL } from '../../cli/output/terminal.ts';
import type { Outcome } from '../../functions/domain/outcome.ts';
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { SAMPLE_MEMBERS } from '../organization/organization.ts';
import type { StoryEvent } from './story.ts';

export type StoryRow = {
  readonly mark: ' ' | '✓' | '✗';
  readonly control: string;
  readonly account: string;
  /** An outcome, a route without one, or the state of a running execution. */
  readonly end: string;
  readonly shows: string;
};

const POLL_INTERVAL_MS = 100;
/** Returns the width of the terminal; off a terminal, one that every terminal, mail and ticket has. */
export const startWidth = (): number => process.stdout.columns || 80;
/** In a narrower terminal, the column of accounts is left out, so that no text is cut. */
const MIN_WIDTH_WITH_ACCOUNTS = 100;
const HEADINGS: StoryRow = { mark: ' ', control: 'CONTROL', account: 'ACCOUNT', end: 'END', shows: 'WHAT IT SHOWS' };
const OUTCOME_COLOURS: Partial<Record<Outcome, Parameters<typeof colour>[0]>> = {
  FIXED: 'green',
  FAILED: 'red',
  ARCHIVED: 'blue',
  PLANNED: 'yellow',
  WAITING: 'yellow',
};

export const rowOf = ({ story }: StoryEvent, end: string, mark: StoryRow['mark'] = ' '): StoryRow => ({
  mark,
  control: story.control,
  account: SAMPLE_MEMBERS.find(({ id }) => id === story.account)?.name ?? story.account,
  end,
  shows: story.shows,
});

/** @param width cuts longer lines: rows that wrap could not be updated in place */
export function rowLines(rows: readonly StoryRow[], width = startWidth()): string[] {
  const all = [HEADINGS, ...rows];
  const widthOf = (column: 'control' | 'account' | 'end') => Math.max(...all.map((row) => row[column].length)) + 2;
  const widths = { control: widthOf('control'), account: widthOf('account'), end: widthOf('end') };
  return all.map(({ mark, control, account, end, shows }) => {
    const place = width < MIN_WIDTH_WITH_ACCOUNTS ? '' : account.padEnd(widths.account);
    const start = `${mark} ${control.padEnd(widths.control)}${place}`;
    const left = Math.max(0, width - start.length - widths.end);
    const last = shows.length <= left ? shows : `${shows.slice(0, Math.max(0, left - 1))}…`;
    return start + colouredEnd(end, widths.end) + last;
  });
}

const colouredEnd = (end: string, width: number): string => {
  const shade = OUTCOME_COLOURS[end as Outcome];
  return (shade ? colour(shade, end) : end) + ' '.repeat(width - end.length);
};

export class LiveTable {
  #printedLines = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Shows the state of each execution until `stop`. `events` may grow meanwhile. Does nothing off a terminal. */
  follow(kernel: Kernel, events: readonly StoryEvent[]): void {
    if (!IS_TERMINAL) return;
    this.#timer = setInterval(
      () => this.#print(events.map((event) => rowOf(event, stateOf(kernel, event.event.id)))),
      POLL_INTERVAL_MS,
    );
  }

  /** Replaces the rows by the last ones. */
  stop(rows: readonly StoryRow[]): void {
    clearInterval(this.#timer);
    this.#print(rows);
  }

  #print(rows: readonly StoryRow[]): void {
    const lines = rowLines(rows);
    const up = this.#printedLines > 0 ? `\x1b[${this.#printedLines}A\x1b[J` : '';
    process.stdout.write(`${up}${lines.join('\n')}\n`);
    this.#printedLines = lines.length;
  }
}

function stateOf(kernel: Kernel, eventId: string): string {
  const delivery = deliveries(kernel).find((each) => each.eventId === eventId && each.outcome === 'delivered');
  if (!delivery) return '…';
  const { path, status } = executionSummary(kernel, String(delivery.result));
  return status === 'RUNNING' ? (path.at(-1) ?? '…') : status.toLowerCase();
}
