import { type FindingStatus, STATUSES } from '../../functions/domain/ledger.ts';
import { MESSAGE_SEVERITIES } from '../../functions/domain/message-kinds.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { UsageError } from '../errors/usage-error.ts';
import { statusName } from '../output/finding-status.ts';

/** @throws UsageError with the nearest one */
export function parseStatus(text: string): FindingStatus {
  const upper = text.toUpperCase().replaceAll('-', '_');
  const status = STATUSES.find((each) => each === upper);
  if (status) return status;
  throw unknownValue('status', text, STATUSES.map(statusName));
}

/** @throws UsageError with the nearest one */
export function parseSeverity(text: string): string {
  const severity = MESSAGE_SEVERITIES.find((each) => each === text.toUpperCase());
  if (severity) return severity;
  throw unknownValue('severity', text, MESSAGE_SEVERITIES);
}

const unknownValue = (what: string, text: string, all: readonly string[]): UsageError =>
  new UsageError(`There is no ${what} "${text}"${suggestion(text, all) || '.'} There are: ${all.join(', ')}.`);
