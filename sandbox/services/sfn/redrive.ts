/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
import type { Execution } from '../../states-language/execution.ts';
import { LONGEST_HISTORY } from '../../states-language/history.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const REDRIVABLE_MS = 14 * DAY_MS;
const LONGEST_EXECUTION_MS = 365 * DAY_MS;

export type RedriveStatus = { readonly status: 'REDRIVABLE' | 'NOT_REDRIVABLE'; readonly reason: string | undefined };

export function redriveStatus(execution: Execution, now: number): RedriveStatus {
  const reason = reasonAgainst(execution, now);
  return { status: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE', reason };
}

function reasonAgainst({ status, history, startDate, stopDate }: Execution, now: number): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  // ExecutionRedriven and one more event must fit.
  if (history.length >= LONGEST_HISTORY - 1) return 'Execution history event limit exceeded';
  if (now - startDate > LONGEST_EXECUTION_MS) return 'Execution has exceeded the max execution time';
  if (now - stopDate! > REDRIVABLE_MS) return 'Execution redrivable period exceeded';
  return undefined;
}
