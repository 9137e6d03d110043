import { type FindingStatus, STATUSES } from '../../functions/domain/ledger.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { UsageError } from '../errors/usage-error.ts';
import { statusName } from '../output/finding-status.ts';

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'] as const;

/** @throws UsageError with the nearest one */
export function parseStatus(text: string): FindingStatus {
  const upper = text.toUpperCase().replaceAll('-', '_');
  const status = STATUSES.find((each) => each === upper);
  if (status) return status;
  throw unknown('status', text, STATUSES.map(statusName));
}

/** @throws UsageError with the nearest one */
export function parseSeverity(text: string): string {
  const severity = SEVERITIES.find((each) => each === text.toUpperCase());
  if (severity) return severity;
  throw unknown('severity', text, SEVERITIES);
}

const unknown = (what: string, text: string, all: readonly string[]): UsageError =>
  new UsageError(`There is no ${what} "${text}"${suggestion(text, all) || '.'} There are: ${all.join(', ')}.`);
