import type { FindingStatus } from '../../functions/domain/ledger.ts';
import { colour } from './terminal.ts';

const STATUS_COLOURS: Readonly<Partial<Record<FindingStatus, 'red' | 'green' | 'yellow'>>> = {
  FAILED: 'red',
  FIXED: 'green',
  WAITING: 'yellow',
};

export const statusName = (status: FindingStatus): string => status.toLowerCase().replaceAll('_', '-');

export function statusText(status: FindingStatus | undefined, text = status ? statusName(status) : ''): string {
  const style = status && STATUS_COLOURS[status];
  return style ? colour(style, text) : text;
}
